FROM bud-monitoring-stand-in
COPY daprd /daprd
USER 65532:65532
ENTRYPOINT []
