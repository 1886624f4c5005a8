FROM bud-monitoring-stand-in
RUN groupadd -g 1000 stand-in && usermod -u 999 -g 1000 redis && mkdir -p /data && chown 999:1000 /data
VOLUME /data
