package dev.halley.loadgen;

import java.util.OptionalLong;

/** What can be seen of the server's process, if it is one of this machine. */
public interface ServerProbe {
  /** A server of which nothing can be seen. */
  ServerProbe NONE =
      new ServerProbe() {
        @Override
        public OptionalLong cpuNanos() {
          return OptionalLong.empty();
        }

        @Override
        public OptionalLong residentBytes() {
          return OptionalLong.empty();
        }
      };

  /** Processor time that it has used since its start, in nanoseconds. */
  OptionalLong cpuNanos();

  /** Its resident memory. */
  OptionalLong residentBytes();
}
