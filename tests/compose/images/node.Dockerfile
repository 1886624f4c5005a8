FROM bud-monitoring-stand-in
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
