#!/bin/sh
# Compiles the native library where there is a C compiler: build.sh SOURCES LIBRARY JAVA_HOME
# Without one, says so in a line and succeeds: the agent then counts by standard operators.
sources=$1
library=$2
java=$3
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || exit 0
if [ -f "$library" ] && [ -z "$(find "$sources" -newer "$library" -type f)" ]; then exit 0; fi
[ -f "$java/include/jni.h" ] || java=$java/..
mkdir -p "$(dirname "$library")"
for compiler in ${CC:-} cc gcc clang; do
  command -v "$compiler" >/dev/null 2>&1 || continue
  if "$compiler" -std=gnu11 -O3 -fPIC -shared -fvisibility=hidden -s -Wall -Wextra \
    -I"$java/include" -I"$java/include/linux" -o "$library" "$sources"/*.c -ldl -lpthread; then
    exit 0
  fi
  rm -f "$library"
done
echo "the agent is built without its native counting operators: no C compiler works here" >&2
