#!/bin/sh
# Stands for docker, kind, helm and kubectl: writes down how it was called, and remembers what it made in files.
tool=$(basename "$0")
printf '%s\n' "$tool $*" >> "$STUB/calls"
if [ -s "$STUB/fail-at" ] && printf '%s' "$tool $*" | grep -qF -- "$(cat "$STUB/fail-at")"; then
  echo "stub: $(cat "$STUB/fail-with" 2>/dev/null || echo no space left on device)" >&2
  exit 1
fi
printf '%s\n' "$tool $*" >> "$STUB/succeeded"
case "$tool $*" in
  'docker version'*) echo 28.0.0 ;;
  'docker image inspect'*) test -e "$STUB/image" ;;
  'docker build'* | 'docker pull'*) touch "$STUB/image" ;;
  'docker image rm'*) rm "$STUB/image" ;;
  *'losetup --detach'*)
    file=$(printf '%s' "$*" | sed -n 's|.*--associated /disks/\([^) ;]*\).*|\1|p')
    rm -rf "$ROOT/sys/block/loop-$file" "$ROOT/dev/v2-verifier/${file%.img}" ;;
  *'losetup --find'*)
    file=$(printf '%s' "$*" | sed -n 's|.*losetup --find --show /disks/\([^) ;]*\).*|\1|p')
    mkdir -p "$ROOT/sys/block/loop-$file/loop" "$ROOT/dev/v2-verifier"
    echo "/disks/$file" > "$ROOT/sys/block/loop-$file/loop/backing_file"
    ln -sfn "../loop-$file" "$ROOT/dev/v2-verifier/${file%.img}" ;;
  'kind version') echo 'kind v0.31.0 go1.25 linux/amd64' ;;
  'kind get clusters') cat "$STUB/clusters" 2>/dev/null ;;
  'kind create cluster --name '*) printf '%s\n' "$4" > "$STUB/clusters" ;;
  'kind delete cluster'*) rm -f "$STUB/clusters" ;;
  'helm version'*) echo v3.19.0 ;;
  'helm upgrade'*)
    if [ -e "$STUB/pending-release" ]; then
      echo 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress' >&2
      exit 1
    fi ;;
  'kubectl '*' get secrets --selector owner=helm'*) cat "$STUB/pending-release" 2>/dev/null ;;
  'kubectl '*' delete secrets --selector owner=helm'*) rm -f "$STUB/pending-release" ;;
  'kubectl '*' get secret '*) test -e "$STUB/secret" ;;
  'kubectl version'*) echo '{"clientVersion": {"gitVersion": "v1.34.0"}}' ;;
esac
