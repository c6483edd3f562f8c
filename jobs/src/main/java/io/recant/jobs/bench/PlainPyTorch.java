package io.recant.jobs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.core.error.ConfigException;
import io.recant.core.error.StepException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Python process that takes the steps of {@code training_step.py} when it is told to. */
final class PlainPyTorch implements AutoCloseable {

  private static final String SCRIPT = "training_step.py";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final BufferedReader answers;
  private final Writer orders;
  private final String version;

  /**
   * @param python an interpreter that has torch
   * @param folder the model and the batches; takes the script and what it complains about
   * @throws ConfigException when there is no such interpreter, or it lacks torch
   */
  PlainPyTorch(String python, Path folder, int threads) {
    Path script = folder.resolve(SCRIPT);
    Path errors = folder.resolve("python.log");
    try (InputStream text = PlainPyTorch.class.getResourceAsStream(SCRIPT)) {
      Files.write(script, text.readAllBytes());
      process =
          new ProcessBuilder(
                  python, script.toString(), folder.toString(), Integer.toString(threads))
              .redirectError(errors.toFile())
              .start();
    } catch (IOException e) {
      throw new ConfigException("bench: cannot start '" + python + "': " + e.getMessage());
    }
    answers = process.inputReader();
    orders = process.outputWriter();
    try {
      version = answer().path("torch").asText();
    } catch (StepException e) {
      close();
      throw new ConfigException("bench: '" + python + "' cannot run " + SCRIPT + ": see " + errors);
    }
  }

  /** The version of its torch. */
  String version() {
    return version;
  }

  /** The steps of one block. */
  StepTimes steps(int count) {
    try {
      orders.write(count + "\n");
      orders.flush();
    } catch (IOException e) {
      throw new StepException("the Python process has ended", e);
    }
    JsonNode answer = answer();
    StepTimes times = new StepTimes();
    for (int i = 0; i < count; i++) {
      times.add(
          new StepTimes.Step(
              answer.path("losses").path(i).asDouble(),
              answer.path("seconds").path(i).asDouble(),
              answer.path("cpu_seconds").path(i).asDouble()));
    }
    return times;
  }

  private JsonNode answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new StepException("the Python process has ended");
      }
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new StepException("the Python process does not answer", e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
