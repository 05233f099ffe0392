#!/bin/sh
# Which bytes are behind the tags of our images today? Lines for `.env`, one an image:
#
#   deploy/pin-images.sh >> .env
#
# Asks the registry by `docker buildx imagetools`; ends with 1, and writes no line, for an image that it cannot ask about.
set -eu
cd "$(dirname "$0")/.."
{
  grep -Eoh '\$\{[A-Z]+_IMAGE:-[^}]+\}' docker-compose.yml deploy/three-brokers.yml | sed -E 's/^\$\{([A-Z_]+):-(.+)\}$/\1=\2/'
  grep -E '^ARG [A-Z_]+_IMAGE=' deploy/Dockerfile | cut -d' ' -f2
} | sort -u | {
  missing=0
  while IFS='=' read -r name image; do
    digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}' </dev/null) || digest=
    case $digest in
      sha256:*) echo "$name=$image@$digest" ;;
      *) echo "$image: no digest was found" >&2; missing=1 ;;
    esac
  done
  exit "$missing"
}
