package io.recant.jobs.decide;

import io.recant.core.config.Setting;
import io.recant.spark.table.MetaKey;
import java.util.List;
import java.util.Optional;

/** The {@code decide} section. */
public record DecideConfig(
    @Setting(
            value = "The splits that are judged; samples of others are retained as they are",
            defaultValue = "[train]")
        List<String> splits,
    @Setting(
            value =
                "meta.KEY, where somebody has decided already: rows whose value is forget, retain or review are not"
                    + " judged but taken at their word; rows without one are judged",
            defaultValue = "null")
        Optional<String> given,
    @Setting(value = "Where to cut between forget and the rest", defaultValue = "{}") CutConfig cut,
    @Setting(
            value =
                "Samples below the cut go to people from this p_bad on; at 0.2 a reader finds one error in five rows or"
                    + " better",
            defaultValue = "0.2",
            min = 0,
            max = 1)
        double reviewFrom,
    @Setting(
            value = "At most this share of the judged samples goes to people",
            defaultValue = "0.05",
            min = 0,
            max = 1)
        double reviewShare,
    @Setting(
            value =
                "With fewer canaries than this a corpus is judged by its highest detector score alone",
            defaultValue = "50",
            min = 10)
        int minCanaries,
    @Setting(
            value =
                "Where at least so many samples of a corpus are known to be bad, these stand for the"
                    + " bad ones in place of canaries",
            defaultValue = "10",
            min = 2)
        int minKnown,
    @Setting(
            value = "Ridge penalty of the fit that joins the detectors",
            defaultValue = "0.0001",
            min = 0)
        double ridge,
    @Setting(
            value = "How often counts are redrawn for the intervals of precision and share_bad",
            defaultValue = "200",
            min = 40,
            max = 10000)
        int redraws) {

  public DecideConfig {
    given.ifPresent(
        key -> {
          if (!MetaKey.is(key)) {
            throw new IllegalArgumentException("given: '" + key + "' is not meta.KEY");
          }
        });
  }
}
