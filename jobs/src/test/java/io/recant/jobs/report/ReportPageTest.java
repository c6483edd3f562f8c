package io.recant.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.report.ReportData.Detection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportPageTest {

  private static final String PAGE =
      ReportPage.of(
          new ReportData(
              "<b>Report</b> {{data}}",
              RunFixture.HOSTILE,
              Instant.EPOCH,
              List.of(),
              0,
              new Detection(List.of(), List.of(), List.of()),
              List.of(),
              List.of(),
              50,
              List.of(),
              List.of()));

  @Test
  void escapesTheTitle() {
    assertThat(PAGE)
        .contains("<title>&lt;b&gt;Report&lt;/b&gt; {{data}} \u00b7 &lt;/script&gt;")
        .doesNotContain("<b>Report", "<img src=x");
  }

  @Test
  void letsOnlyItsOwnScriptsRun() throws Exception {
    Matcher policy = Pattern.compile("script-src ([^;]*);").matcher(PAGE);
    assertThat(policy.find()).isTrue();
    Matcher scripts = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(PAGE);
    StringBuilder hashes = new StringBuilder();
    while (scripts.find()) {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(scripts.group(1).getBytes(StandardCharsets.UTF_8));
      hashes.append(" 'sha256-").append(Base64.getEncoder().encodeToString(digest)).append("'");
    }
    assertThat(policy.group(1)).isEqualTo(hashes.substring(1)).doesNotContain("unsafe");
  }

  @Test
  void loadsNothingButPicturesItHolds() {
    Matcher policy = Pattern.compile("Security-Policy\" content=\"([^\"]*)\"").matcher(PAGE);
    assertThat(policy.find()).isTrue();
    assertThat(policy.group(1).replaceAll("script-src [^;]*", "script-src"))
        .isEqualTo(
            "default-src 'none'; script-src; style-src 'unsafe-inline'; img-src data:;"
                + " base-uri 'none'; form-action 'none'");
    assertThat(PAGE).contains("const PNG = '" + Thumbnail.BEGIN + "';");
  }

  @Test
  void neverParsesTextAsMarkup() {
    String own = PAGE.substring(PAGE.lastIndexOf("<script>"));
    assertThat(own)
        .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
  }
}
