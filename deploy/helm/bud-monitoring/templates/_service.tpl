{{/* The Deployment of a service. Takes (dict "root" $ "component" metrics|dashboard "env" text). */}}
{{- define "bud.serviceDeployment" -}}
{{- $values := index .root.Values .component -}}
{{- $appId := index .root.Values.appIds .component -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ printf "%s-%s" (include "bud.fullname" .root) .component }}
  labels: {{ include "bud.labels" . | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels: {{ include "bud.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{ include "bud.labels" . | nindent 8 }}
      annotations:
        {{- include "bud.sidecar" (merge (dict "appId" $appId "port" 8080) .) | nindent 8 }}
        {{- with $values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "bud.pod" (merge (dict "values" $values "user" .root.Values.podSecurity.runAsUser "group" .root.Values.podSecurity.runAsGroup) .) | nindent 6 }}
      containers:
        - name: {{ .component }}
          image: {{ include "bud.image" (dict "root" .root "image" $values.image) | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          command:
            - node
            - --max-old-space-size={{ include "bud.heap" $values.resources.limits.memory }}
            - --heap-growing-percent=70
            {{- if eq .component "metrics" }}
            - --min-semi-space-size=8
            - --max-semi-space-size=8
            - --incremental-marking-soft-trigger=50
            {{- end }}
            - services/{{ .component }}/dist/main.js
          ports:
            - { name: http, containerPort: 8080 }
          env:
            {{- include "bud.commonEnv" (merge (dict "appId" $appId) .) | nindent 12 }}
            {{- .env | nindent 12 }}
            {{- if .root.Values.extraCaConfigMap }}
            - name: NODE_EXTRA_CA_CERTS
              value: /certificates/extra/ca.crt
            {{- end }}
            {{- include "bud.settings" (merge (dict "values" $values) .) | nindent 12 }}
          # Sees to it that whoever still sends to it has heard of its end.
          lifecycle: { preStop: { exec: { command: [sleep, '5'] } } }
          startupProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /ready, port: http }
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 3
          resources: {{ toYaml $values.resources | nindent 12 }}
          securityContext: {{ include "bud.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            {{- if .root.Values.store.caConfigMap }}
            - { name: store-certificates, mountPath: /certificates/store, readOnly: true }
            {{- end }}
            {{- if .root.Values.extraCaConfigMap }}
            - { name: extra-certificates, mountPath: /certificates/extra, readOnly: true }
            {{- end }}
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
        {{- include "bud.certificateVolumes" .root | nindent 8 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ printf "%s-%s" (include "bud.fullname" .root) .component }}
  labels: {{ include "bud.labels" . | nindent 4 }}
spec:
  selector: {{ include "bud.selector" . | nindent 4 }}
  ports:
    - { name: http, port: 8080, targetPort: http }
{{- end -}}
