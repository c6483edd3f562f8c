package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is in the jar that is submitted, and what is not. */
class PackagedJarIT {

  private static final long MEGABYTE = 1_000_000;

  private static JarFile jar;
  private static Path file;

  @BeforeAll
  static void open() throws IOException {
    file = Path.of(System.getProperty("recant.jar"));
    jar = new JarFile(file.toFile());
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @Test
  void packagesAreOursAndThoseOfLibrariesThatSparkDoesNotBring() {
    assertThat(packages())
        .containsExactly(
            "ai.djl",
            "ai.onnxruntime",
            "com.sun.jna",
            "info.debatty",
            "io.recant.core",
            "io.recant.jobs",
            "io.recant.ml",
            "io.recant.shaded",
            "io.recant.spark",
            "net.jcip",
            "opennlp.tools",
            "org.apache.commons.numbers",
            "org.apache.commons.rng",
            "org.apache.commons.statistics",
            "picocli");
  }

  @Test
  void librariesThatSparkBringsTooAreRelocated() {
    assertThat(
            classes()
                .filter(name -> name.startsWith("io/recant/shaded/"))
                .map(name -> name.split("/")[3])
                .distinct()
                .sorted())
        .containsExactly("commons", "gson", "jackson", "snakeyaml");
  }

  @Test
  void nativesAreThoseOfTheProfileForOnePlatform() {
    Set<String> expected =
        new TreeSet<>(
            Set.of(
                "ai/onnxruntime/native/linux-x64/libonnxruntime.so",
                "ai/onnxruntime/native/linux-x64/libonnxruntime4j_jni.so",
                "com/sun/jna/linux-x86-64/libjnidispatch.so",
                "jnilib/linux-x86_64/cpu/libdjl_torch.so",
                "jnilib/linux-x86_64/cu128/libdjl_torch.so",
                "native/lib/linux-x86_64/cpu/libtokenizers.so"));
    if (carriesTorch()) {
      expected.addAll(
          Set.of(
              "pytorch/cpu/linux-x86_64/libc10.so",
              "pytorch/cpu/linux-x86_64/libgomp-98b21ff3.so.1",
              "pytorch/cpu/linux-x86_64/libtorch.so",
              "pytorch/cpu/linux-x86_64/libtorch_cpu.so"));
    }
    assertThat(
            jar.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.matches(".*\\.(so(\\.\\d+)*|dll|dylib|jnilib|a|pdb)")))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void sizeIsThatOfItsNatives() throws IOException {
    long megabytes = Files.size(file) / MEGABYTE;
    if (carriesTorch()) {
      assertThat(megabytes).isBetween(140L, 185L);
    } else {
      assertThat(megabytes).isBetween(40L, 75L);
    }
  }

  @Test
  void everyServiceOfTheModulesIsFoundInIt() throws IOException {
    List<String> files =
        jar.stream()
            .map(ZipEntry::getName)
            .filter(name -> name.startsWith("META-INF/services/") && !name.endsWith("/"))
            .toList();
    assertThat(files)
        .contains(
            "META-INF/services/io.recant.spark.step.Step",
            "META-INF/services/io.recant.ml.unlearn.UnlearningMethod",
            "META-INF/services/ai.djl.engine.EngineProvider",
            "META-INF/services/io.recant.shaded.jackson.core.JsonFactory");
    for (String services : files) {
      for (String provider : lines(services)) {
        assertThat(jar.getEntry(provider.replace('.', '/') + ".class"))
            .as("%s names %s", services, provider)
            .isNotNull();
      }
    }
  }

  @Test
  void configurationsSchemasAndLicencesAreInIt() {
    assertThat(
            Stream.of(
                    "conf/quickstart.yaml",
                    "conf/examples/own-jsonl.yaml",
                    "data-schemas/forget.yaml",
                    "META-INF/LICENSE",
                    "META-INF/NOTICE",
                    "META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js",
                    "all-minilm-l6-v2-q.onnx")
                .filter(name -> jar.getEntry(name) == null))
        .isEmpty();
    assertThat(jar.stream().map(ZipEntry::getName))
        .noneMatch(name -> name.matches("META-INF/[^/]*\\.(SF|RSA|DSA)"));
  }

  /** As many names of a class's package as say whose it is. */
  private static Stream<String> packages() {
    return classes()
        .map(
            name -> {
              int names = name.startsWith("org/") ? 4 : name.matches("(com|io)/.*") ? 3 : 2;
              String[] path = name.substring(0, name.lastIndexOf('/')).split("/");
              return Stream.of(path).limit(names).collect(Collectors.joining("."));
            })
        .distinct()
        .sorted();
  }

  private static Stream<String> classes() {
    return jar.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".class"));
  }

  private static boolean carriesTorch() {
    return System.getProperty("recant.native").equals("pytorch-native-cpu:runtime");
  }

  private static List<String> lines(String entry) throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                jar.getInputStream(jar.getEntry(entry)), StandardCharsets.UTF_8))) {
      return in.lines()
          .map(line -> line.replaceAll("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    }
  }
}
