package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorLimitTest {
  @ParameterizedTest
  @CsvSource({"1024,1024", "1024,1000", "1087,1024", "256,10000"})
  void fewerThanConnectionsAndWhatElseIsOpenAreTooFew(int descriptors, int connections) {
    assertThat(DescriptorLimit.warning(limits(String.valueOf(descriptors)), connections))
        .hasValueSatisfying(
            it ->
                assertThat(it)
                    .contains(descriptors + " descriptors (ulimit -n)")
                    .contains("limits.connections (" + connections + ")"));
  }

  @ParameterizedTest
  @CsvSource({"1088,1024", "1048576,10000", "unlimited,10000", "99999999999999999999,10000"})
  void enoughAreNotMentioned(String descriptors, int connections) {
    assertThat(DescriptorLimit.warning(limits(descriptors), connections)).isEmpty();
  }

  @Test
  void whereTheSystemSaysNothingNothingIsSaid() {
    assertThat(DescriptorLimit.warning("", 10_000)).isEmpty();
  }

  private static String limits(String descriptors) {
    return """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              unlimited            unlimited            seconds
        Max processes             1                    1                    processes
        Max open files            %-20s 1048576              files
        Max locked memory         8388608              8388608              bytes
        """
        .formatted(descriptors);
  }
}
