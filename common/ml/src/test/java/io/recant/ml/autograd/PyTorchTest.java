package io.recant.ml.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.error.StepException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PyTorchTest {

  /** Loads PyTorch twice and prints how that ends. */
  public static void main(String[] args) {
    for (int i = 0; i < 2; i++) {
      try {
        PyTorch.load();
        System.out.println("loaded");
      } catch (StepException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @TempDir private Path folder;

  /** An installation that is none, as where the environment names the wrong folder. */
  @Test
  void anInstallationThatCannotBeLoadedIsAnErrorThatSaysWhatIsNeeded() throws Exception {
    Files.createFile(folder.resolve("libtorch.so"));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            PyTorchTest.class.getName());
    builder.environment().put("PYTORCH_LIBRARY_PATH", folder.toString());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(printed.lines().toList())
        .hasSize(2)
        .allSatisfy(
            line ->
                assertThat(line)
                    .startsWith("PyTorch cannot be loaded here (")
                    .contains("libtorch.so", "PYTORCH_LIBRARY_PATH", "PYTORCH_FLAVOR"));
  }
}
