#!/bin/sh
# Writes nginx's map of playback keys from PLAYBACK_KEYS=ID:SECRET[,ID:SECRET], the application's own setting.
# In the container nginx's entrypoint runs it before the templates are filled in.
set -eu
: "${PLAYBACK_KEYS:?set PLAYBACK_KEYS=ID:SECRET[,ID:SECRET], the same as for the application}"
: "${KEYS_PATH:=/etc/nginx/khlang_keys.map}"
case "$PLAYBACK_KEYS" in
  *[!A-Za-z0-9_:,-]*)
    echo "PLAYBACK_KEYS: letters, digits, - and _ only; nginx would read anything else differently" >&2
    exit 1
    ;;
esac
umask 077
{
  echo 'map $key_id $key_secret {'
  echo '  default "";'
  echo "$PLAYBACK_KEYS" | tr ',' '\n' | while IFS=: read -r id secret; do
    [ -z "$id" ] || printf '  "%s" "%s";\n' "$id" "$secret"
  done
  echo '}'
} > "$KEYS_PATH"
