# One file for every service, and for seedctl:
#   docker build --build-arg SERVICE=order -t andvari-order .
# The base has Node and npm; nothing of it goes out but Node itself and the libraries that it and the packages' own machine code are linked to.
ARG BASE=node:26-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund --prefer-offline
ARG SERVICE
ARG ANDVARI_COMMIT=unknown
RUN npx --no-install turbo run gen --filter=@andvari/proto --output-logs=errors-only \
    && if [ "${SERVICE}" = gateway ]; then npx --no-install turbo run build --filter=@andvari/web --output-logs=errors-only; fi \
    && npm run --silent node -- tools/build/src/image-files.ts "${SERVICE}" /image/app
# The symbols of Node are a quarter of it. What is compiled once makes each start three times as fast: a start that ends at its
# configuration, or at its help, has read all that there is.
RUN cp "$(npm run --silent node -- -p process.execPath)" /image/app/node \
    && strip /image/app/node \
    && find /image/app -name '*.node' > /tmp/addons \
    && xargs ldd /image/app/node < /tmp/addons > /tmp/libraries \
    && grep -o '[[:space:]]/[^ ]*' /tmp/libraries > /tmp/paths \
    && while read -r file; do install -D "${file}" "/image${file}"; done < /tmp/paths \
    && install -D /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && echo 'andvari:x:10001:10001::/app:/nonexistent' > /image/etc/passwd \
    && mkdir -m 1777 /image/tmp \
    && mkdir /app && mv /image/app/* /app/ \
    && { NODE_COMPILE_CACHE=/app/compile-cache /app/node /app/main.mjs --check-config > /dev/null 2>&1 || true; } \
    && test -d /app/compile-cache \
    && mv /app/* /image/app/ && chmod -R a+rX /image

FROM scratch
ARG SERVICE
ARG VERSION=0.1.0
ARG ANDVARI_COMMIT=unknown
LABEL org.opencontainers.image.title="andvari-${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${ANDVARI_COMMIT}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
WORKDIR /app
ENV NODE_COMPILE_CACHE=/app/compile-cache \
    WEB_DIR=/app/web \
    LISTEN_HOST=0.0.0.0
USER 10001:10001
# Kubernetes asks by itself; this is for where nobody does, and there is no shell to ask with.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["/app/node", "/app/answers.ts"]
# One argument of it brings the database to the newest schema and ends: --migrate-only.
ENTRYPOINT ["/app/node", "/app/main.mjs"]
