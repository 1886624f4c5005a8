# One image per service: docker build --build-arg SERVICE=metrics|dashboard . And one of the gateway, which has
# the console's files: docker build --target gateway .
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG NGINX_IMAGE=nginx:1.29.3-alpine

# What the packages ask for, before any source: a change of code installs nothing again.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/browser/package.json packages/browser/
COPY packages/client/package.json packages/client/
COPY packages/cluster-events/package.json packages/cluster-events/
COPY packages/console/package.json packages/console/
COPY packages/contracts/package.json packages/contracts/
COPY packages/promql/package.json packages/promql/
COPY packages/service-kit/package.json packages/service-kit/
COPY services/dashboard/package.json services/dashboard/
COPY services/metrics/package.json services/metrics/
COPY stack/package.json stack/
COPY tests/package.json tests/

FROM manifests AS console
RUN npm ci
COPY tsconfig.base.json ./
COPY packages packages
RUN npm run build -w packages/console

# nginx as it is, but for its user; its configuration is mounted. It stands before what asks for SERVICE, since
# Docker's older builder makes all stages up to the one that is wanted.
FROM ${NGINX_IMAGE} AS gateway
COPY --from=console /app/packages/console/dist /usr/share/bud-console
USER 101:101

FROM ${NODE_IMAGE} AS service
ARG SERVICE
RUN case "$SERVICE" in metrics|dashboard) ;; \
  *) echo "set --build-arg SERVICE=metrics or SERVICE=dashboard (it is \"$SERVICE\")" >&2; exit 1 ;; esac

FROM manifests AS build
RUN npm ci
COPY tsconfig.base.json ./
COPY packages packages
COPY services services
ARG SERVICE
RUN npx tsc -b services/$SERVICE \
  && find packages services -type d \( -name src -o -name node_modules \) -prune -exec rm -rf {} +

FROM service AS production
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --omit=dev -w services/$SERVICE

FROM ${NODE_IMAGE}
# Where many long answers of the store came and went, glibc would keep their memory.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /app
ARG SERVICE
ENV SERVICE=$SERVICE
COPY --from=production /app ./
COPY --from=build /app/packages packages
COPY --from=build /app/services/$SERVICE services/$SERVICE
COPY templates templates
# Numbers, since a kubelet with runAsNonRoot refuses names.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["sh", "-c", "exec node --heap-growing-percent=70 --min-semi-space-size=8 --max-semi-space-size=8 --incremental-marking-soft-trigger=50 services/$SERVICE/dist/main.js"]
