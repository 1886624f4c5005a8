{{/* Annotations for the sidecar. Takes (dict "root" $ "component" ... "appId" ... "port" number or 0). */}}
{{- define "bud.sidecar" -}}
{{- $dapr := .root.Values.dapr -}}
dapr.io/enabled: 'true'
dapr.io/app-id: {{ .appId | quote }}
{{- if .port }}
dapr.io/app-port: {{ .port | quote }}
dapr.io/app-protocol: http
{{- end }}
dapr.io/config: {{ printf "%s-%s" (include "bud.fullname" .root) .component | quote }}
dapr.io/api-token-secret: {{ .root.Values.secrets.daprApiToken | quote }}
dapr.io/app-token-secret: {{ .root.Values.secrets.appApiToken | quote }}
dapr.io/log-level: {{ $dapr.sidecar.logLevel | quote }}
dapr.io/log-as-json: 'true'
# Larger than anything the services send or the gateway lets in; headers with a long token.
dapr.io/max-body-size: 16Mi
dapr.io/read-buffer-size: 128Ki
dapr.io/graceful-shutdown-seconds: '25'
dapr.io/block-shutdown-duration: 20s
# No actors, no jobs, no workflows: nothing to connect to.
dapr.io/placement-host-address: ''
dapr.io/scheduler-host-address: ''
# Secrets of components are read by the operator; no app may ask for any.
dapr.io/disable-builtin-k8s-secret-store: 'true'
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
dapr.io/sidecar-cpu-request: {{ $dapr.sidecar.cpuRequest | quote }}
dapr.io/sidecar-memory-request: {{ $dapr.sidecar.memoryRequest | quote }}
dapr.io/sidecar-memory-limit: {{ $dapr.sidecar.memoryLimit | quote }}
dapr.io/env: {{ printf "GOMEMLIMIT=%s%s" $dapr.sidecar.goMemoryLimit (ternary ",SSL_CERT_DIR=/certificates" "" (ne $dapr.sidecar.caConfigMap "")) | quote }}
{{- with $dapr.sidecar.caConfigMap }}
dapr.io/volume-mounts: sidecar-certificates:/certificates
{{- end }}
{{- with $dapr.sidecar.image }}
dapr.io/sidecar-image: {{ . | quote }}
{{- end }}
{{- if $dapr.sidecar.native }}
dapr.io/enable-native-sidecar: 'true'
{{- end }}
{{- with $dapr.sidecar.annotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What all pods have. Takes (dict "root" $ "component" ... "values" ... "user" ... "group" ...). */}}
{{- define "bud.pod" -}}
serviceAccountName: {{ include "bud.serviceAccount" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  {{- with .user }}
  runAsUser: {{ . }}
  {{- end }}
  {{- with .group }}
  runAsGroup: {{ . }}
  fsGroup: {{ . }}
  {{- end }}
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- if .root.Values.topologySpread }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ include "bud.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "bud.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Volumes for authorities, where any are named. */}}
{{- define "bud.certificateVolumes" -}}
{{- with .Values.store.caConfigMap }}
- name: store-certificates
  configMap: { name: {{ . | quote }} }
{{- end }}
{{- with .Values.extraCaConfigMap }}
- name: extra-certificates
  configMap: { name: {{ . | quote }} }
{{- end }}
{{- with .Values.dapr.sidecar.caConfigMap }}
- name: sidecar-certificates
  configMap: { name: {{ . | quote }} }
{{- end }}
{{- end -}}
