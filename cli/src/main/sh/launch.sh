# Chooses a Java and its flags, prepares the start-up cache, and becomes halley. Sourced, after jdk.sh, by the launcher
# of the sources (../../../../halley) and by that of an archive (../dist/bin/halley). Needs bash 3.2 or later.
#
#   HALLEY_JAVA_OPTS   further flags for the JVM
#   HALLEY_CACHE_DIR   where the start-up cache is kept; otherwise beside halley.jar, if that can be written
#   JAVA_HOME          the JDK to use, if it is 21 or later; else the newest one that is found

say() { printf 'halley: %s\n' "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# Sets jdk and release.
choose_jdk() {
  find_jdk 21
  [ -n "$found_jdk" ] || die "there is no Java of release 21 or later here: $(how_to_get_jdk)"
  jdk=$found_jdk release=$found_release
}

# Sets processors to their number, or to 4 if nobody tells. Linux has them as ranges: 0-1,3.
count_processors() {
  local ranges range first
  if { IFS= read -r ranges </sys/devices/system/cpu/online; } 2>/dev/null; then
    processors=0
    for range in ${ranges//,/ }; do
      first=${range%-*}
      processors=$((processors + ${range#*-} - first + 1))
    done
  else
    processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || processors=4
  fi
}

# Sets file_text to what is in the file $1.
read_file() {
  file_text=''
  IFS= read -r -d '' file_text <"$1" || true
}

# Sets flags, and training, which the cache is prepared with besides.
choose_flags() {
  local processors
  flags=()
  # With it Netty may use Unsafe for its buffers, and no warning says so.
  [ "$release" -lt 23 ] || flags+=(--sun-misc-unsafe-memory-access=allow)

  # Netty's native code, which it would otherwise look for in each jar, and copy to /tmp.
  flags+=("-Djava.library.path=${jar%/*}/native")

  # Nothing that runs often is called by reflection: to make code for such calls only delays the start.
  flags+=(-Djdk.reflect.useNativeAccessorOnly=true)

  # With one or two processors a parallel collector's threads only get in the way. The serial one is given a small
  # nursery: a running server allocates next to nothing, and what a handshake leaves behind would fill a large one with
  # pages that are never given back. The compilers' threads get in the way of a start, too: code has to run five times
  # as often as usual before the first compiler takes it. The second compiler keeps its usual thresholds: a crowd that
  # reconnects needs it soon.
  count_processors
  training=()
  if [ "$processors" -le 2 ]; then
    flags+=(-XX:+UseSerialGC -Xmn32m -XX:Tier3InvocationThreshold=1000 -XX:Tier3MinInvocationThreshold=500
      -XX:Tier3CompileThreshold=10000 -XX:Tier3BackEdgeThreshold=300000)
    [ "$release" -lt 25 ] ||
      training=(-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining)
  fi

  # What the C library keeps of memory that was freed goes back to the system once a minute. Java can do that on Linux
  # alone, and would say so at the start.
  if [ "$release" -ge 22 ] && [[ $OSTYPE == linux* ]]; then
    flags+=(-XX:TrimNativeHeapInterval=60000 -Xlog:trimnative=off)
  fi

  # Words of the variable are flags: it is split on purpose.
  # shellcheck disable=SC2206
  flags+=(${HALLEY_JAVA_OPTS:-})
  bound_buffers
}

# Netty's own limit of direct memory follows the JVM's where that is given, a little below it: at the JVM's a buffer waits
# for the collector on an event loop, at Netty's it is refused at once. Else the command itself sets it by the heap.
bound_buffers() {
  local flag size unit
  for flag in ${flags[@]+"${flags[@]}"}; do
    case $flag in
      -XX:MaxDirectMemorySize=*[0-9kKmMgG])
        size=${flag#*=} unit=1
        case $size in
          *[kK]) unit=1024 ;;
          *[mM]) unit=1048576 ;;
          *[gG]) unit=1073741824 ;;
        esac
        size=${size%[kKmMgG]}
        # Zero is the JVM's own choice, and what isn't a number is for the JVM to refuse.
        case $size in
          '' | *[!0-9]* | 0*) ;;
          *) flags=("-Dio.netty.maxDirectMemory=$((size * unit / 8 * 7))" "${flags[@]}") ;;
        esac
        ;;
    esac
  done
}

# Arguments that are not ASCII reach Java only in a locale that has them.
choose_locale() {
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) ;;
    *) [[ $OSTYPE == darwin* ]] || export LC_ALL=C.UTF-8 ;;
  esac
}

# A cache fits one JDK, one jar and one set of flags. When it couldn't be made, the key alone is
# there, so that it isn't tried at each start.
is_cache_stale() {
  [ "$key_file" -nt "$jar" ] && has_key && return 1
  [ -w "$cache_dir" ]
}

has_key() {
  [ -f "$key_file" ] || return 1
  read_file "$key_file"
  [ "$file_text" = "$key" ]
}

prepare_cache() {
  local new=$cache_dir/startup.$$.new output=-XX:ArchiveClassesAtExit
  [ "$release" -lt 25 ] || output=-XX:AOTCacheOutput
  say 'preparing the start-up cache (once for this build and JDK, takes some seconds)…'
  rm -f "$cache" "$key_file" "$cache_dir"/startup.*.new "$cache_dir"/startup.*.new.config
  if "$jdk/bin/java" ${flags[@]+"${flags[@]}"} ${training[@]+"${training[@]}"} "$output=$new" -jar "$jar" train \
    >/dev/null 2>&1 </dev/null && [ -f "$new" ]; then
    mv -f "$new" "$cache"
  fi
  rm -f "$new" "$new.config"
  printf '%s' "$key" >"$key_file"
}

# Takes halley's arguments; jar, jdk and release are set, and started, if it is known when this began.
launch() {
  local cache_dir cache key_file key file_text micros
  choose_flags
  choose_locale
  cache_dir=${HALLEY_CACHE_DIR:-${jar%/*}}
  cache=$cache_dir/startup.cache
  key_file=$cache_dir/startup.key
  read_file "$jdk/release"
  key="$jdk ${flags[*]-} $file_text"
  case ${1:-} in
    serve | demo | publish | subscribe | tap)
      if is_cache_stale; then
        prepare_cache
        started=${EPOCHREALTIME:-}
      fi
      ;;
  esac
  if [ -f "$cache" ] && has_key; then
    if [ "$release" -lt 25 ]; then
      flags+=("-XX:SharedArchiveFile=$cache" -Xlog:cds=off -Xlog:cds+dynamic=off)
    else
      flags+=("-XX:AOTCache=$cache" -Xlog:aot=off -Xlog:cds=off)
    fi
  fi
  if [ -n "$started" ]; then
    micros=${started/[.,]/}
    flags+=("-Dhalley.started=${micros%???}")
  fi
  exec "$jdk/bin/java" ${flags[@]+"${flags[@]}"} -jar "$jar" "$@"
}
