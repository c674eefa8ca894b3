#!/bin/sh
# Makes what docker-compose.yml mounts as secrets, in secrets/, where it is
# absent, or gives a gateway its login:
#
#   packaging/compose/secrets.sh                # once
#   packaging/compose/secrets.sh shaoxing-07    # the login of that plant's gateway
#
# Containers read the files as users of their own, so the files are readable
# and their directory is not.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p secrets
chmod 0700 secrets

secret() { # the secret in file $1, made where it is absent
	[ -s "secrets/$1" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"secrets/$1"
	chmod 0644 "secrets/$1"
	cat "secrets/$1"
}

login() { # gives user $1 the password $2
	touch secrets/mosquitto-passwords
	if command -v mosquitto_passwd >/dev/null; then
		mosquitto_passwd -b secrets/mosquitto-passwords "$1" "$2"
	else
		docker run --rm --user "$(id -u):$(id -g)" -v "$PWD/secrets:/secrets" eclipse-mosquitto:2.0.22 \
			mosquitto_passwd -b /secrets/mosquitto-passwords "$1" "$2"
	fi
	chmod 0644 secrets/mosquitto-passwords
}

if [ $# -gt 0 ]; then
	case $1 in
	heartline) echo "heartline is Heartline's own user" >&2; exit 2 ;;
	'' | -* | *[!A-Za-z0-9._-]*) echo "'$1' is no plant's id: letters, digits, . _ -" >&2; exit 2 ;;
	esac
	password=$(secret "gateway-$1")
	login "$1" "$password"
	echo "user $1, password in secrets/gateway-$1; 'docker compose kill -s HUP mosquitto' makes it known"
	exit
fi

for name in influxdb-admin-token influxdb-admin-password grafana-password; do
	secret "$name" >/dev/null
done
login heartline "$(secret mqtt-password)"
echo "secrets are in secrets/; Grafana's admin has the password in secrets/grafana-password"
