# Heartline alone, static, as a user without rights: the broker and InfluxDB
# are containers of their own (docker-compose.yml).
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t heartline .
FROM --platform=$BUILDPLATFORM golang:1.26.4-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS=linux
ARG TARGETARCH
ARG VERSION=unknown
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/heartline ./cmd/heartline
# Volumes take their owner from these.
RUN mkdir -m 0700 -p /out/var/lib/heartline /out/var/lib/heartline-tokens

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/var/lib/ /var/lib/
COPY --from=build /out/heartline /usr/bin/heartline
USER 65532:65532
ENV HEARTLINE_CONFIG=/etc/heartline/heartline.yaml HEARTLINE_DATA_DIR=/var/lib/heartline
VOLUME /var/lib/heartline
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/heartline"]
CMD ["serve"]
