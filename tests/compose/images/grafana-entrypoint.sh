#!/bin/sh
exec env HOST=0.0.0.0 PORT=3000 GRAFANA_PASSWORD="$GF_SECURITY_ADMIN_PASSWORD" GRAFANA_DIALECT=later \
  STATE_FILE=/var/lib/grafana/state.json PROMETHEUS_URL=http://prometheus:9090 \
  node /checkout/stack/dist/fakes/fake-grafana/main.js
