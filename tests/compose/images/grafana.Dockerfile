# The fake of this checkout, with its state on the volume.
FROM bud-monitoring-stand-in
RUN mkdir -p /var/lib/grafana && chown 472:0 /var/lib/grafana
COPY checkout /checkout
COPY grafana-entrypoint.sh /run.sh
USER 472:0
VOLUME /var/lib/grafana
ENTRYPOINT ["/run.sh"]
