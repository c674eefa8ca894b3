// Package packaging checks docker-compose.yml, the Dockerfile and the systemd
// unit, by Compose's own library and by systemd-analyze; in a module of its own
// because of what the library drags in.
package packaging
