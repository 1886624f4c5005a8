{{/* The environment of a service. Each name is a setting of it: tests compare them with its schema. */}}

{{- define "bud.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: { name: {{ .secret | quote }}, key: {{ .key }}, optional: {{ .optional }} }
{{- end -}}

{{/* Settings as a map, the service's own over those for both. Takes (dict "root" $ "values" ...). */}}
{{- define "bud.settings" -}}
{{- range $name, $value := merge (dict) .values.settings .root.Values.settings }}
- name: {{ $name }}
  {{- /* not toString, which writes large numbers as 1e+06 */}}
  value: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}
{{- end }}
{{- end -}}

{{/* Both services. Takes (dict "root" $ "appId" ...). */}}
{{- define "bud.commonEnv" -}}
{{- $values := .root.Values -}}
- name: HOST
  value: '0.0.0.0'
- name: PORT
  value: '8080'
- name: APP_ID
  value: {{ .appId | quote }}
- name: PUBSUB_NAME
  value: {{ $values.dapr.pubsubName | quote }}
- name: STATE_STORE_NAME
  value: {{ $values.dapr.stateStoreName | quote }}
{{ include "bud.secretEnv" (dict "name" "DAPR_API_TOKEN" "secret" $values.secrets.daprApiToken "key" "token" "optional" false) }}
{{ include "bud.secretEnv" (dict "name" "APP_API_TOKEN" "secret" $values.secrets.appApiToken "key" "token" "optional" false) }}
- name: AUTH_MODE
  value: {{ $values.auth.mode | quote }}
{{- with $values.auth.jwksUrl }}
- name: AUTH_JWKS_URL
  value: {{ . | quote }}
{{- end }}
{{- with $values.auth.issuer }}
- name: AUTH_ISSUER
  value: {{ . | quote }}
{{- end }}
{{- with $values.auth.audience }}
- name: AUTH_AUDIENCE
  value: {{ . | quote }}
{{- end }}
- name: AUTH_ALGORITHMS
  value: {{ $values.auth.algorithms | quote }}
{{- with $values.auth.clientId }}
- name: AUTH_CLIENT_ID
  value: {{ . | quote }}
{{- end }}
{{- with $values.auth.trustedAppIds }}
- name: AUTH_TRUSTED_APP_IDS
  value: {{ . | quote }}
{{- end }}
- name: PROMETHEUS_URL
  value: {{ $values.store.url | quote }}
{{- with $values.store.existingSecret }}
{{ include "bud.secretEnv" (dict "name" "PROMETHEUS_TOKEN" "secret" . "key" "token" "optional" true) }}
{{ include "bud.secretEnv" (dict "name" "PROMETHEUS_USERNAME" "secret" . "key" "username" "optional" true) }}
{{ include "bud.secretEnv" (dict "name" "PROMETHEUS_PASSWORD" "secret" . "key" "password" "optional" true) }}
{{- end }}
{{- with $values.store.tenant }}
- name: PROMETHEUS_TENANT
  value: {{ . | quote }}
{{- end }}
{{- if $values.store.caConfigMap }}
- name: PROMETHEUS_CA_FILE
  value: /certificates/store/ca.crt
{{- end }}
- name: GRAFANA_SCHEME
  value: {{ $values.grafana.scheme | quote }}
- name: GRAFANA_URL
  value: {{ $values.grafana.url | quote }}
{{- end -}}

{{- define "bud.metricsEnv" -}}
- name: BUD_CLUSTER_APP_ID
  value: {{ .Values.appIds.budCluster | quote }}
{{- with .Values.alertmanager.url }}
- name: ALERTMANAGER_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.alertmanager.existingSecret }}
{{ include "bud.secretEnv" (dict "name" "ALERTMANAGER_TOKEN" "secret" . "key" "token" "optional" false) }}
{{- end }}
{{- end -}}

{{- define "bud.dashboardEnv" -}}
{{- with .Values.grafana.existingSecret }}
{{ include "bud.secretEnv" (dict "name" "GRAFANA_TOKEN" "secret" . "key" "token" "optional" true) }}
{{ include "bud.secretEnv" (dict "name" "GRAFANA_USERNAME" "secret" . "key" "username" "optional" true) }}
{{ include "bud.secretEnv" (dict "name" "GRAFANA_PASSWORD" "secret" . "key" "password" "optional" true) }}
{{- end }}
{{- with .Values.grafana.publicUrl }}
- name: GRAFANA_PUBLIC_URL
  value: {{ . | quote }}
{{- end }}
- name: GRAFANA_DATASOURCE_UID
  value: {{ .Values.grafana.datasource.uid | quote }}
{{- with .Values.grafana.datasource.url }}
- name: GRAFANA_DATASOURCE_URL
  value: {{ . | quote }}
{{- end }}
{{- end -}}
