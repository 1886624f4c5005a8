FROM bud-monitoring-stand-in
RUN useradd -u 101 -o stand-in
COPY nginx-entrypoint.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
