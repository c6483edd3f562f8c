package io.recant.jobs.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetSpansTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "target:3:5|3-5",
        "target:3:5,target:0:2|0-2 3-5",
        "target:3:5,target:0:3|0-5",
        "target:3:9,target:4:5,target:8:12|3-12",
        "target:3:5,null,7:9,target:0:1|0-1 3-5",
        "null,target:3:5|''",
        "7:9,target:3:5|''",
        "null|''",
      })
  void partsAreJoinedWhereTheStrongestFindingNamesOne(String spans, String parts) {
    String merged =
        TargetSpans.merged(
                Arrays.stream(spans.split(",")).map(s -> s.equals("null") ? null : s).toList())
            .stream()
            .map(part -> part[0] + "-" + part[1])
            .collect(Collectors.joining(" "));
    assertThat(merged).isEqualTo(parts);
  }
}
