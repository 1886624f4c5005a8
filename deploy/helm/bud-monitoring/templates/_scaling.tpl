{{/* Budget and autoscaler of a workload. Takes (dict "root" $ "component" ...). */}}
{{- define "bud.scaling" -}}
{{- $values := index .root.Values .component -}}
{{- $name := printf "%s-%s" (include "bud.fullname" .root) .component -}}
{{- $scaling := $values.autoscaling -}}
{{- $least := ternary $scaling.minReplicas $values.replicas $scaling.enabled | int -}}
{{- /* Of one replica a budget would only hold up the drain of its node. */ -}}
{{- if and .root.Values.podDisruptionBudget.enabled (gt $least 1) }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{ include "bud.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .root.Values.podDisruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{ include "bud.selector" . | nindent 6 }}
{{- end }}
{{- if $scaling.enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels: {{ include "bud.labels" . | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ $name }} }
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  # Of the container itself: the sidecar's request would blur it.
  metrics:
    - type: ContainerResource
      containerResource:
        name: cpu
        container: {{ .component }}
        target: { type: Utilization, averageUtilization: {{ $scaling.cpuUtilization }} }
  behavior:
    scaleDown: { stabilizationWindowSeconds: 300 }
{{- end }}
{{- end -}}
