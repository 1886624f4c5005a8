#!/bin/sh
# As nginx' own image does it: templates are filled in with the variables that the filter lets through.
set -eu
names=$(env | cut -d= -f1 | grep "^$NGINX_ENVSUBST_FILTER" | sed 's/.*/${&}/' | tr '\n' ' ')
for template in /etc/nginx/templates/*.template; do
  envsubst "$names" < "$template" > "$NGINX_ENVSUBST_OUTPUT_DIR/$(basename "$template" .template)"
done
exec "$@"
