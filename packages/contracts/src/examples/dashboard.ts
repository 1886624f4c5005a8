import type { dashboardRoutes } from '../api/routes.js';
import { answer, type ApiExample } from './example.js';
import {
  deadLetter,
  deadLetterDetails,
  deadLetterList,
  deletedOne,
  replayed,
} from './dead-letters.js';
import * as dashboards from './grafana-dashboard.js';

const dashboard = (message: string, data: object) =>
  answer('cluster.grafana-dashboard', message, data);
const working = dashboard('The dashboards are being worked on', dashboards.pending);
const ready = dashboard('The dashboards are there', dashboards.ready);
const disabled = dashboard(
  'The dashboards have no public link, as was asked for',
  dashboards.disabled,
);
const deleted = { 200: answer('dead-letters.deleted', '1 dead letters deleted', deletedOne) };

/** Examples of the routes of bud-dashboard. */
export const dashboardExamples = {
  getGrafanaDashboard: { answers: { 200: ready, 202: working } },
  provisionGrafanaDashboard: { answers: { 200: ready, 202: working } },
  removeGrafanaDashboard: { answers: { 200: disabled, 202: working } },
  rotateLink: { answers: { 200: ready, 202: working } },
  putSharing: { body: dashboards.sharing, answers: { 200: ready, 202: working } },
  listDashboards: {
    answers: { 200: answer('dashboards', '1 clusters', dashboards.dashboardList) },
  },
  listTemplates: { answers: { 200: answer('templates', '1 templates', dashboards.templateList) } },
  validateTemplate: {
    body: dashboards.template,
    answers: {
      200: answer('template.report', 'The template cannot be used', dashboards.templateReport),
    },
  },
  listDeadLetters: {
    answers: { 200: answer('dead-letters', '1 dead letters of 1', deadLetterList) },
  },
  deleteDeadLetters: { answers: deleted },
  getDeadLetter: { answers: { 200: answer('dead-letter', deadLetter.reason, deadLetterDetails) } },
  deleteDeadLetter: { answers: deleted },
  replayDeadLetter: { answers: { 200: answer('dead-letter', 'The event was taken', replayed) } },
} satisfies Record<keyof typeof dashboardRoutes, ApiExample>;
