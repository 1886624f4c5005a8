import { expect, it } from '@jest/globals';
import { overridesOf, problemOf, readThresholds } from './threshold-form.js';

const thresholds = {
  cpu_usage: { warning: 70, critical: 90 },
  memory_usage: { warning: 80, critical: 95 },
  disk_usage: { warning: 85, critical: 95 },
  network_errors: { warning: 100, critical: 500 },
  node_not_ready: { enabled: true },
};

function form(values: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  return data;
}

it('reads a form; an unchecked box is not in it', () => {
  const values = {
    'cpu_usage.warning': '70.5',
    'cpu_usage.critical': '90',
    'memory_usage.warning': '80',
    'memory_usage.critical': '95',
    'disk_usage.warning': '85',
    'disk_usage.critical': '95',
    'network_errors.warning': '100',
    'network_errors.critical': '500',
  };
  expect(readThresholds(form(values))).toEqual({
    ...thresholds,
    cpu_usage: { warning: 70.5, critical: 90 },
    node_not_ready: { enabled: false },
  });
});

it('puts what was changed and what is of the cluster already, so that the rest follows the defaults', () => {
  const wanted = { ...thresholds, disk_usage: { warning: 50, critical: 95 } };
  expect(overridesOf(wanted, { thresholds, overridden: ['node_not_ready'] })).toEqual({
    disk_usage: { warning: 50, critical: 95 },
    node_not_ready: { enabled: true },
  });
  expect(overridesOf(thresholds, { thresholds, overridden: [] })).toEqual({});
});

it('sees a warning that is not below critical', () => {
  expect(problemOf(thresholds)).toBeNull();
  expect(problemOf({ ...thresholds, cpu_usage: { warning: 90, critical: 90 } })).not.toBeNull();
});
