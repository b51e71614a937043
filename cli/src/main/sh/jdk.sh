# Finds JDKs. Sourced by ../../../../halley and ../../../../verify; needs bash 3.2 or later.

# The feature release of the Java in home $1 (8 for 1.8), or nothing if there is none.
java_release() {
  local line version
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        version=${line#JAVA_VERSION=}
        version=${version//\"/}
        version=${version#1.}
        version=${version%%[!0-9]*}
        printf '%s' "$version"
        return 0
        ;;
    esac
  done <"$1/release"
}

# The home of the java on the PATH, or nothing.
java_home_on_path() {
  local java target
  java=$(command -v java) || return 0
  while [ -L "$java" ]; do
    target=$(readlink "$java")
    case $target in
      /*) java=$target ;;
      *) java=${java%/*}/$target ;;
    esac
  done
  printf '%s' "${java%/bin/java}"
}

# Prints the home of the JDK to use: JAVA_HOME's if that is new enough, or else the newest one.
# $1 is the oldest feature release that will do; with $2 = javac only those with a compiler count.
find_jdk() {
  local home release newest='' newest_release=$(($1 - 1))
  for home in "${JAVA_HOME:-}" "${JDK_HOME:-}" "$(java_home_on_path)" \
    /usr/lib/jvm/* /opt/* /opt/java/* /usr/java/* /usr/local/*jdk* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -n "$home" ] || continue
    release=$(java_release "$home")
    [ -n "$release" ] || continue
    [ "${2:-}" != javac ] || [ -x "$home/bin/javac" ] || continue
    if [ "$release" -gt "$newest_release" ]; then
      newest=$home newest_release=$release
      [ "$home" != "${JAVA_HOME:-}" ] || break
    fi
  done
  printf '%s' "$newest"
}

# How to get a JDK on this machine, in one line.
how_to_get_jdk() {
  local name='' version='' line
  if [ -r /etc/os-release ]; then
    while IFS= read -r line; do
      case $line in
        ID=*) name=${line#ID=} name=${name//\"/} ;;
        VERSION_ID=*) version=${line#VERSION_ID=} version=${version//\"/} ;;
      esac
    done </etc/os-release
  fi
  case $name-$version in
    debian-1[0-2])
      printf '%s' "Debian $version has none: get JDK 25 from https://adoptium.net and set JAVA_HOME"
      ;;
    debian-*) printf '%s' 'apt install openjdk-25-jdk (or openjdk-21-jdk)' ;;
    ubuntu-*) printf '%s' 'apt install openjdk-25-jdk (or openjdk-21-jdk)' ;;
    fedora-*) printf '%s' 'dnf install java-latest-openjdk-devel' ;;
    alpine-*) printf '%s' 'apk add openjdk21' ;;
    arch-*) printf '%s' 'pacman -S jdk-openjdk' ;;
    *)
      if [ "$(uname -s)" = Darwin ]; then
        printf '%s' 'brew install openjdk'
      else
        printf '%s' 'get JDK 25 from https://adoptium.net and set JAVA_HOME'
      fi
      ;;
  esac
}
