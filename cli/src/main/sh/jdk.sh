# Finds JDKs. Sourced by ../../../../halley and ../../../../verify; needs bash 3.2 or later.
# Each start runs this: it starts no process unless it must.

# Sets java_release to the feature release of the Java in home $1 (8 for 1.8), or to nothing if there is none.
read_java_release() {
  local line
  java_release=''
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        line=${line#JAVA_VERSION=}
        line=${line//\"/}
        line=${line#1.}
        java_release=${line%%[!0-9]*}
        return 0
        ;;
    esac
  done <"$1/release"
}

# Sets java_on_path to the java on the PATH, or to nothing.
find_java_on_path() {
  local directory IFS=:
  java_on_path=''
  for directory in $PATH; do
    if [ -f "$directory/java" ] && [ -x "$directory/java" ]; then
      java_on_path=${directory%/}/java
      return 0
    fi
  done
}

# The home of the java that is $1 or that it links to.
java_home() {
  local java=$1 target
  while [ -L "$java" ]; do
    target=$(readlink "$java")
    case $target in
      /*) java=$target ;;
      *) java=${java%/*}/$target ;;
    esac
  done
  printf '%s' "${java%/bin/java}"
}

# Sets found_jdk and found_release if the Java in home $1 is later than what was found; $2 as for find_jdk.
consider_jdk() {
  [ -n "$1" ] || return 0
  read_java_release "$1"
  [ -n "$java_release" ] || return 0
  [ "$2" != javac ] || [ -x "$1/bin/javac" ] || return 0
  if [ "$java_release" -gt "$found_release" ]; then
    found_jdk=$1 found_release=$java_release
  fi
}

# Sets found_jdk to the home of the JDK to use, and found_release to its feature release: JAVA_HOME's if that is new
# enough, or else the newest one. $1 is the oldest feature release that will do; with $2 = javac only those with a
# compiler count. found_jdk is empty if there is none.
find_jdk() {
  local home
  found_jdk='' found_release=$(($1 - 1))
  consider_jdk "${JAVA_HOME:-}" "${2:-}"
  [ -z "$found_jdk" ] || return 0
  find_java_on_path
  for home in "${JDK_HOME:-}" /usr/lib/jvm/* /opt/* /opt/java/* /usr/java/* /usr/local/*jdk* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -n "$home" ] || continue
    consider_jdk "$home" "${2:-}"
    # Where it is known what it links to, nobody has to be asked.
    [ -z "$java_release" ] || [ ! "$java_on_path" -ef "$home/bin/java" ] || java_on_path=''
  done
  if [ -n "$java_on_path" ]; then
    consider_jdk "$(java_home "$java_on_path")" "${2:-}"
  fi
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
      if [[ $OSTYPE == darwin* ]]; then
        printf '%s' 'brew install openjdk'
      else
        printf '%s' 'get JDK 25 from https://adoptium.net and set JAVA_HOME'
      fi
      ;;
  esac
}
