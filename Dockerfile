# One image per service: docker build --build-arg SERVICE=metrics|dashboard .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.base.json ./
COPY packages ./packages
COPY services ./services
COPY stack/package.json ./stack/
COPY tests/package.json ./tests/
RUN npm ci
ARG SERVICE
RUN npx tsc -b services/$SERVICE \
  && npm ci --omit=dev -w services/$SERVICE \
  && find packages services -type d -name src -prune -exec rm -rf {} +

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
ARG SERVICE
ENV SERVICE=$SERVICE
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/packages ./packages
COPY --from=build --chown=root:root /app/services/$SERVICE ./services/$SERVICE
COPY templates ./templates
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["sh", "-c", "exec node --heap-growing-percent=70 --min-semi-space-size=8 --max-semi-space-size=8 --incremental-marking-soft-trigger=20 services/$SERVICE/dist/main.js"]
