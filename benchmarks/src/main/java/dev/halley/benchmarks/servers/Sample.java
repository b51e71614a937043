package dev.halley.benchmarks.servers;

import dev.halley.loadgen.LoadResult;
import java.util.List;

/**
 * What one run brought.
 *
 * @param values one for each figure of the measure; NaN where it couldn't be seen
 * @param faults if there are any, the values mean nothing
 */
record Sample(List<Double> values, List<String> faults) {
  static Sample of(LoadResult result, List<Double> values) {
    return new Sample(values, result.faults());
  }

  static Sample failed(String why) {
    return new Sample(List.of(), List.of(why));
  }

  boolean isBroken() {
    return !faults.isEmpty();
  }
}
