#!/bin/sh
# dray @VERSION@ for @TARGET@: this shell head, then a compressed archive of Deno and the program.
# The first run unpacks it into the cache folder, later ones only start what is there. The folder:
# $DRAY_CACHE, else $XDG_CACHE_HOME/dray, else dray in the home folder's @CACHE@.
# -O is not in POSIX, but in the sh of every system that this is for (SC3067); what stands between
# at signs is filled in by the build (SC2195, SC2170); an exec that fails must not run on (SC2093).
# shellcheck disable=SC3067,SC2195,SC2170,SC2093

self=$0
case $self in */*) ;; *) self=./$self ;; esac

fail() { # EXIT_CODE MESSAGE HINT
  { printf 'dray: error: %s' "$2" | LC_ALL=C tr '\000-\037\177' '?'; printf '\nhint: %s\n' "$3"; } >&2
  exit "$1"
}

another='DRAY_CACHE=DIR names another folder'

# Only the user who runs it may have made it; links would say nothing about who did. Caches are
# cleaned by age, so pieces that are seldom read may be gone: counting them starts no program.
is_usable() {
  [ -O "$app" ] && [ ! -L "$app" ] && [ -s "$app/dray" ] && [ -s "$app/main.js" ] || return
  set -- "$app"/*.* "$app"/src/*/*
  [ $# -ge @PIECES@ ] || return
  # A pattern that fits nothing stands for itself.
  shift $(($# - 1)) && [ -e "$1" ]
}

check_machine() {
  case "$(uname -s) $(uname -m)" in
    @MACHINES@) ;;
    *) fail 7 "Cannot run on $(uname -s) $(uname -m): this is dray for @TARGET@" 'there is a file for each system' ;;
  esac
  for tool in find gzip id ls mkdir mktemp mv rm tail tar wc; do
    command -v "$tool" >/dev/null || fail 7 "Cannot unpack dray: no \"$tool\" here" "install $tool; later runs need none"
  done
}

payload() { tail -c +@OFFSET@ "$self"; }

check_payload() {
  [ -r "$self" ] || fail 7 "Cannot read \"$self\"" 'the file must be readable to be unpacked'
  size=$(wc -c <"$self")
  [ "$((size))" -eq @SIZE@ ] ||
    fail 6 "Cannot unpack \"$self\": it has $((size)) of @SIZE@ bytes" 'download it again'
  if command -v sha256sum >/dev/null; then sum=$(payload | sha256sum)
  elif command -v shasum >/dev/null; then sum=$(payload | shasum -a 256)
  elif command -v openssl >/dev/null; then sum=$(payload | openssl dgst -sha256 -r)
  else payload | gzip -t 2>/dev/null && sum=@SHA256@
  fi
  [ "${sum%% *}" = @SHA256@ ] || fail 6 "Cannot unpack \"$self\": it is damaged" 'download it again'
}

# $folder must be the user's, and no others' to write in: they could swap what is unpacked there.
check_folder() {
  reason=$(mkdir -p "$folder" 2>&1) || fail 7 "Cannot make the cache folder \"$folder\": ${reason##*: }" "$another"
  if [ ! -O "$folder" ] || [ -z "$(find "$folder" -prune -user "$(id -u)")" ]; then
    fail 7 "Cannot use the cache folder \"$folder\": it belongs to another user" "$another"
  fi
  case $(ls -ldL "$folder") in
    d???????w[!tT]*) fail 7 "Cannot use the cache folder \"$folder\": anybody may write in it" "chmod o-w it, or $another" ;;
  esac
  if [ -L "$app" ] || { [ -e "$app" ] && [ ! -O "$app" ]; }; then
    fail 7 "Cannot use \"$app\": it is not this user's own" "remove it, or $another"
  fi
}

remove_old() {
  for old in "$folder"/*/used; do
    [ "$old" = "$app/used" ] || [ -z "$(find "$old" -mtime +30 2>/dev/null)" ] || rm -rf "${old%/used}"
  done
  for old in "$folder"/.unpack-dray.*; do
    [ -z "$(find "$old" -prune -mtime +0 2>/dev/null)" ] || rm -rf "$old"
  done
}

# Into a folder of its own, renamed when it is whole: of several first runs the first one wins.
unpack() {
  damaged=
  [ ! -e "$app" ] || damaged=yes
  check_machine
  check_folder
  check_payload
  new=$(mktemp -d "$folder/.unpack-dray.XXXXXX" 2>&1) || fail 7 "Cannot write in \"$folder\": ${new##*: }" "$another"
  trap 'rm -rf "$new"' EXIT
  trap 'exit 130' HUP INT TERM
  reason=$({ payload | gzip -dc | tar -xf - -C "$new"; } 2>&1) || {
    reason=$(printf '%s\n' "$reason" | grep -i -m 1 -e space -e quota -e denied -e read-only || printf %s "${reason##*: }")
    fail 7 "Cannot unpack dray to \"$folder\": ${reason##*: }" "$another"
  }
  reason=$("$new/dray" --version 2>&1) ||
    fail 7 "Cannot run what was unpacked to \"$folder\": ${reason##*: }" "@NEEDS@; if it is mounted noexec, $another"
  is_usable || {
    # What has come meanwhile is another run's, which is about to start it.
    [ -z "$damaged" ] || rm -rf "$app"
    mv "$new" "$app" || fail 7 "Cannot write in \"$folder\"" "$another"
  }
  # Where another run was faster, ours has been moved into its folder.
  rm -rf "${app:?}/${new##*/}"
  remove_old
}

case ${DRAY_CACHE:-} in
  /*) folder=$DRAY_CACHE ;;
  ?*) folder=$PWD/$DRAY_CACHE ;;
  *)
    case ${XDG_CACHE_HOME:-} in
      /*) folder=$XDG_CACHE_HOME/dray ;;
      *) folder=${HOME:+$HOME/@CACHE@/dray} ;;
    esac
    ;;
esac
[ -n "$folder" ] || fail 7 'Cannot choose a cache folder to unpack dray to: HOME is not set' 'DRAY_CACHE=DIR names one'
app=$folder/@SHA256@

is_usable || (umask 077; unpack) || exit
# Its time is the last use's; a cache that is read-only has none.
true 2>/dev/null >"$app/used"

# What is meant for another Deno than this one.
unset @UNSET@
export DENO_DIR="$app/deno" DENO_NO_PACKAGE_JSON=1 DENO_NO_UPDATE_CHECK=1
exec "$app/dray" run --quiet --no-prompt --no-lock --no-remote --no-npm --node-modules-dir=none \
  --config "$app/deno.json" -P=@PERMISSIONS@ "$app/main.js" "$@"
exit 7
