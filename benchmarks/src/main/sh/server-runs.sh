# What benchmarks/servers, benchmarks/curves and benchmarks/soak have in common. Sourced with $root set.

. "$root/cli/src/main/sh/jdk.sh"

say() { printf 'benchmarks: %s\n' "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# Builds, and sets $work, a directory that goes with the script, and $pin_server and $pin_generator, commands that
# keep server and load generator on a processor each.
prepare() {
  local processors
  find_jdk 21 javac
  JDK_HOME=$found_jdk
  export JDK_HOME
  [ -n "$JDK_HOME" ] || die "this needs a JDK of release 21 or later: $(how_to_get_jdk)"
  release=$found_release

  say 'building…'
  (cd "$root" && mvn -B -q -Pbenchmarks package -pl benchmarks,cli -am -Dmaven.test.skip=true \
    -Djacoco.skip=true -Dspotless.check.skip=true >&2)
  # The launcher takes what was built here for its own.
  touch "$root/cli/target/halley/halley.jar"

  work=$(mktemp -d "${TMPDIR:-/tmp}/halley-benchmarks.XXXXXX")
  chmod 755 "$work"
  trap 'rm -rf "$work"' EXIT

  pin_server=()
  pin_generator=()
  processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || processors=1
  if [ "$processors" -gt 1 ] && command -v taskset >/dev/null; then
    pin_server=(taskset -c 0)
    pin_generator=(taskset -c 1)
  else
    say 'server and load generator share their processors (two of them, and taskset, would part them)'
  fi
  [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 11000 ] ||
    die 'this needs 11,000 open files in a process: ulimit -Hn'
  ulimit -n "$(ulimit -Hn)"
}

# Runs a class of the benchmarks on the load generator's processor.
generate() {
  local flags=(-XX:+UseSerialGC -Xmx2g)
  [ "$release" -lt 23 ] || flags+=(--sun-misc-unsafe-memory-access=allow)
  JAVA_HOME=$JDK_HOME ${pin_generator[@]+"${pin_generator[@]}"} "$JDK_HOME/bin/java" "${flags[@]}" \
    -cp "$root/benchmarks/target/classes:$root/benchmarks/target/lib/*" "$@"
}
