{{- define "bud.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "bud.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "bud.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "bud.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What a selector may hold: nothing that an upgrade changes. Takes (dict "root" $ "component" ...). */}}
{{- define "bud.selector" -}}
app.kubernetes.io/name: {{ include "bud.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "bud.labels" -}}
{{ include "bud.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "bud.serviceAccount" -}}
{{- default (include "bud.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The image of a service: takes (dict "root" $ "image" name). */}}
{{- define "bud.image" -}}
{{- $tag := default .root.Chart.AppVersion .root.Values.image.tag -}}
{{- $name := .image -}}
{{- with .root.Values.image.registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .) $name }}{{ end -}}
{{- if hasPrefix "@" $tag }}{{ $name }}{{ $tag }}{{ else }}{{ $name }}:{{ $tag }}{{ end -}}
{{- end -}}

{{/* Two thirds of a memory limit, in MiB, for Node's heap. */}}
{{- define "bud.heap" -}}
{{- $limit := toString . -}}
{{- $number := regexFind "^[0-9]+" $limit | int64 -}}
{{- if hasSuffix "Gi" $limit -}}{{ div (mul $number 1024 2) 3 }}
{{- else if hasSuffix "Mi" $limit -}}{{ div (mul $number 2) 3 }}
{{- else -}}{{ fail (printf "the memory limit %q must be in Mi or Gi" $limit) }}
{{- end -}}
{{- end -}}
