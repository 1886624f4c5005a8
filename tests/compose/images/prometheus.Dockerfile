FROM bud-monitoring-stand-in
RUN mkdir -p /prometheus /etc/prometheus && chown 65534:65534 /prometheus \
  && printf 'global: { scrape_interval: 15s }\n' > /etc/prometheus/prometheus.yml
USER 65534:65534
VOLUME /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]
