{{/* Every service of the system, from the table that the launcher reads as well. */}}
{{- define "andvari.table" -}}
{{ .Files.Get "files/services.json" }}
{{- end -}}

{{/* All who call: the services, and what operators' own tools call themselves. */}}
{{- define "andvari.callers" -}}
{{- $table := include "andvari.table" . | fromJsonArray -}}
{{- $called := list -}}
{{- range $table }}{{ if eq .protocol "grpc" }}{{ $called = append $called .name }}{{ end }}{{ end -}}
{{- append $table (dict "name" "operator-tool" "calls" $called) | toJson -}}
{{- end -}}

{{- define "andvari.name" -}}
{{- if gt (len .root.Release.Name) 40 }}{{ fail "a release name of more than 40 characters makes names that Kubernetes refuses" }}{{ end -}}
{{- printf "%s-%s" .root.Release.Name .service.name -}}
{{- end -}}

{{- define "andvari.selector" -}}
app.kubernetes.io/name: {{ .service.name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "andvari.labels" -}}
{{ include "andvari.selector" . }}
app.kubernetes.io/part-of: andvari
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* The settings of one service: its own over the defaults. */}}
{{- define "andvari.settings" -}}
{{- $own := index .root.Values.services .service.name | default dict -}}
{{- mustMergeOverwrite (deepCopy .root.Values.defaults) $own | toJson -}}
{{- end -}}

{{- define "andvari.image" -}}
{{- $tag := .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- if eq $tag "latest" }}{{ fail "image.tag: name a version; latest is a different one tomorrow" }}{{ end -}}
{{- $registry := .root.Values.image.registry -}}
{{- with $registry }}{{ . }}/{{ end }}{{ .root.Values.image.prefix }}{{ .service.name }}:{{ $tag }}
{{- end -}}

{{- define "andvari.secretName" -}}
{{- if .Values.bundled.enabled }}{{ .Release.Name }}-bundled{{ else }}{{ .Values.secrets.existing }}{{ end -}}
{{- end -}}

{{/* The role that owns the tables: whoever migrates is told, and no process that serves. */}}
{{- define "andvari.ownerEnv" -}}
- name: POSTGRES_OWNER_URL
  valueFrom: { secretKeyRef: { name: {{ include "andvari.secretName" .root }}, key: POSTGRES_OWNER_URL_{{ upper .service.name }} } }
{{- end -}}

{{- define "andvari.callerKey" -}}
{{- printf "CALLER_%s_TO_%s" (upper .issuer) (upper .audience) | replace "-" "_" -}}
{{- end -}}

{{/* Ways out to networks, each { cidr, ports }. */}}
{{- define "andvari.networks" -}}
{{- range . }}
- to: [{ ipBlock: { cidr: {{ .cidr }} } }]
  ports: [{{ range $at, $port := .ports }}{{ if $at }}, {{ end }}{ port: {{ $port }} }{{ end }}]
{{- end }}
{{- end -}}

{{- define "andvari.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "andvari.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Where its pods may run and how their image is had. */}}
{{- define "andvari.placement" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a service gets told, each variable once: what is said last stands. */}}
{{- define "andvari.env" -}}
{{- $said := merge (dict) (index .root.Values.env .service.name | default dict) .root.Values.env.all -}}
{{- range $name, $instead := dict "ENVIRONMENT" "environment" "ENGINE_PARTITIONS" "engine.partitions" "ENGINE_OWNED" "engine.partitions" }}
{{- if hasKey $said $name }}{{ fail (printf "env: %s is said by %s, for all services alike" $name $instead) }}{{ end -}}
{{- end -}}
{{- $all := include "andvari.everyEnv" . | fromYamlArray -}}
{{- $last := dict -}}
{{- range $at, $one := $all }}{{ $_ := set $last $one.name $at }}{{ end -}}
{{- $kept := list -}}
{{- range $at, $one := $all }}{{ if eq $at (int (get $last $one.name)) }}{{ $kept = append $kept $one }}{{ end }}{{ end -}}
{{- toYaml $kept -}}
{{- end -}}

{{/* Its ports, whom it calls, its secrets by reference, and last what the values say. */}}
{{- define "andvari.everyEnv" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- $secret := include "andvari.secretName" $root -}}
- { name: ENVIRONMENT, value: {{ $root.Values.environment }} }
- { name: LOG_LEVEL, value: {{ $root.Values.logLevel }} }
- { name: LISTEN_HOST, value: "0.0.0.0" }
- { name: {{ eq $service.protocol "http" | ternary "HTTP_PORT" "GRPC_PORT" }}, value: {{ $service.port | quote }} }
- { name: ADMIN_PORT, value: {{ $service.adminPort | quote }} }
- { name: TRACE_SAMPLE_RATIO, value: {{ $root.Values.telemetry.sampleRatio | quote }} }
{{- if has $service.name (list "engine" "order" "stock") }}
- { name: ENGINE_PARTITIONS, value: {{ $root.Values.engine.partitions | quote }} }
{{- end }}
{{- if eq $service.name "engine" }}
- { name: ENGINE_OWNED, value: {{ until (int $root.Values.engine.partitions) | join "," | quote }} }
{{- end }}
{{- if eq $service.name "auth" }}
{{- $publicUrl := $root.Values.publicUrl | default (and $root.Values.ingress.enabled (printf "https://%s" $root.Values.ingress.host)) }}
{{- if $publicUrl }}
- { name: PUBLIC_URL, value: {{ $publicUrl | quote }} }
{{- else if eq $root.Values.environment "production" }}
{{- fail "publicUrl: where people reach it, unless an ingress says so; auth does not start without" }}
{{- end }}
{{- end }}
{{- if and $root.Values.ingress.enabled (eq $service.protocol "http") }}
{{- if not $root.Values.ingress.trustedProxies }}
{{- fail "ingress.trustedProxies: addresses of the ingress controller, or all people share the limits of one address" }}
{{- end }}
- { name: TRUSTED_PROXIES, value: {{ join "," $root.Values.ingress.trustedProxies | quote }} }
{{- end }}
{{- with $root.Values.telemetry.endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{- with $service.heap }}
- { name: NODE_OPTIONS, value: "--max-old-space-size={{ .oldMb }} --max-semi-space-size={{ .youngMb }}" }
{{- end }}
{{- if and $root.Values.mtls.enabled (not .isJob) }}
- { name: TLS_DIR, value: /etc/andvari/tls }
{{- end }}
{{- range $call := $service.calls }}
{{- range $root.systemServices }}
{{- if eq .name $call }}
- { name: {{ upper $call }}_ADDR, value: "{{ include "andvari.name" (dict "root" $root "service" .) }}:{{ .port }}" }
{{- end }}
{{- end }}
{{- end }}
{{- if $service.database }}
- name: POSTGRES_URL
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: POSTGRES_URL_{{ upper $service.name }} } }
{{- end }}
{{- if $service.nats }}
- name: NATS_URL
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: NATS_URL_{{ upper $service.name }} } }
{{- end }}
{{- if $service.redis }}
- name: REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: REDIS_URL } }
{{- end }}
{{- range $service.secrets }}
- name: {{ . }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ . }} } }
{{- end }}
{{- /* A key for each two services of which one calls the other; each is told its own, and no more. */}}
{{- $callers := list }}
{{- $callees := list }}
{{- range $issuer := include "andvari.callers" $root | fromJsonArray }}
{{- range $audience := .calls }}
{{- $key := include "andvari.callerKey" (dict "issuer" $issuer.name "audience" $audience) }}
{{- if eq $audience $service.name }}{{ $callers = append $callers (printf "%s=$(%s)" $issuer.name $key) }}{{ end }}
{{- if eq $issuer.name $service.name }}{{ $callees = append $callees (printf "%s=$(%s)" $audience $key) }}{{ end }}
{{- if or (eq $audience $service.name) (eq $issuer.name $service.name) }}
- name: {{ $key }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $key }} } }
{{- end }}
{{- end }}
{{- end }}
{{- with $callers }}
- { name: CALLERS, value: {{ join "," . | quote }} }
{{- end }}
{{- with $callees }}
- { name: CALLEES, value: {{ join "," . | quote }} }
{{- end }}
{{- range index $root.Values.secretEnv $service.name }}
- name: {{ . }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ . }} } }
{{- end }}
{{- range $name, $value := mustMergeOverwrite (deepCopy ($root.Values.env.all | default dict)) (index $root.Values.env $service.name | default dict) }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}

{{/* One pod of a service, for Deployment, Rollout and StatefulSet alike. */}}
{{- define "andvari.pod" -}}
{{- $root := .root -}}
{{- $service := .service -}}
metadata:
  labels: {{- include "andvari.labels" . | nindent 4 }}
spec:
  serviceAccountName: {{ $root.Release.Name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 20
  securityContext: {{- include "andvari.podSecurity" . | nindent 4 }}
  {{- include "andvari.placement" . | nindent 2 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector: { matchLabels: { {{ include "andvari.selector" . | replace "\n" ", " }} } }
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: ScheduleAnyway
      labelSelector: { matchLabels: { {{ include "andvari.selector" . | replace "\n" ", " }} } }
  {{- if $service.database }}
  initContainers:
    - name: migrate
      image: {{ include "andvari.image" . | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [--migrate-only]
      securityContext: {{- include "andvari.containerSecurity" . | nindent 8 }}
      env:
        {{- include "andvari.env" . | nindent 8 }}
        {{- include "andvari.ownerEnv" . | nindent 8 }}
      resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { cpu: "1", memory: 256Mi } }
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- if $root.Values.mtls.enabled }}
        - { name: tls, mountPath: /etc/andvari/tls, readOnly: true }
        {{- end }}
  {{- end }}
  containers:
    - name: {{ $service.name }}
      image: {{ include "andvari.image" . | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      securityContext: {{- include "andvari.containerSecurity" . | nindent 8 }}
      env:
        {{- include "andvari.env" . | nindent 8 }}
      ports:
        - { name: {{ eq $service.protocol "http" | ternary "http" "grpc" }}, containerPort: {{ $service.port }} }
        - { name: admin, containerPort: {{ $service.adminPort }} }
      startupProbe:
        httpGet: { path: /livez, port: admin }
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /livez, port: admin }
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 3
      readinessProbe:
        httpGet: { path: /readyz, port: admin }
        periodSeconds: 5
        timeoutSeconds: 3
      resources: {{- toYaml .settings.resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- if $root.Values.mtls.enabled }}
        - { name: tls, mountPath: /etc/andvari/tls, readOnly: true }
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
    {{- if $root.Values.mtls.enabled }}
    - name: tls
      secret:
        secretName: {{ include "andvari.name" . }}-tls
        items:
          - { key: ca.crt, path: ca.pem }
          - { key: tls.crt, path: cert.pem }
          - { key: tls.key, path: key.pem }
    {{- end }}
{{- end -}}
