package io.recant.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class JsonTest {

  @Property
  void mapsAreHashedWhateverTheirOrder(
      @ForAll @Size(max = 6) Map<String, Double> map, @ForAll boolean nested) {
    Map<String, Object> backwards = new LinkedHashMap<>();
    List<String> keys = map.keySet().stream().sorted((a, b) -> b.compareTo(a)).toList();
    keys.forEach(key -> backwards.put(key, map.get(key)));
    Object one = nested ? Map.of("in", List.of(map)) : map;
    Object other = nested ? Map.of("in", List.of(backwards)) : backwards;

    assertThat(Json.hash(one)).isEqualTo(Json.hash(other));
  }

  @Test
  void treesAreHashedWhateverTheOrderOfTheirKeys() throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode one = mapper.readTree("{\"a\": 1, \"list\": [{\"x\": 1, \"y\": 2}]}");
    JsonNode other = mapper.readTree("{\"list\": [{\"y\": 2, \"x\": 1}], \"a\": 1}");

    assertThat(Json.bytes(one)).isEqualTo(Json.bytes(other));
    assertThat(Json.hash(Map.of("config", one))).isEqualTo(Json.hash(Map.of("config", other)));
  }

  /** Manifests of older builds stay readable and keep their hashes: this text may not change. */
  @Test
  void theLayoutIsTheSameOnEverySystem() {
    record Pair(String second, int first) {}
    assertThat(new String(Json.bytes(new Pair("é", 1)), StandardCharsets.UTF_8))
        .isEqualTo("{\n  \"second\" : \"é\",\n  \"first\" : 1\n}");
    assertThat(Json.hash(Map.of("b", 1, "a", 0.001)))
        .isEqualTo(Json.sha256("{\n  \"a\" : 0.001,\n  \"b\" : 1\n}"));
  }

  @Test
  void sha256AgreesWithThePublishedVectors() throws IOException {
    String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertThat(Json.sha256("abc")).isEqualTo(abc);
    assertThat(Json.sha256(new ByteArrayInputStream("abc".getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(abc);
    assertThat(Json.sha256(""))
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    byte[] large = new byte[200_000];
    Arrays.fill(large, (byte) 7);
    assertThat(Json.sha256(new ByteArrayInputStream(large))).isEqualTo(Json.sha256(large));
  }

  @Test
  void aManifestKeepsItsHashThroughItsFile() throws IOException {
    Manifest manifest = manifest();

    Manifest read = Json.read(Json.bytes(manifest), Manifest.class);

    assertThat(read).isEqualTo(manifest);
    assertThat(Json.hash(read)).isEqualTo(Json.hash(manifest));
  }

  @Test
  void noPartOfAManifestIsOne() {
    byte[] whole = Json.bytes(manifest());
    for (int length = 1; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Json.read(part, Manifest.class)).isInstanceOf(IOException.class);
    }
  }

  private static Manifest manifest() {
    return new Manifest(
        Manifest.FORMAT,
        "detect",
        "run-1",
        Map.of("ingest", Json.sha256("a")),
        Json.tree(Map.of("rate", 1e-3, "list", List.of(1, 2), "none", Map.of())),
        Json.sha256("c"),
        42,
        Map.of(
            "findings",
            new Manifest.TableEntry(
                3, "-1f", List.of(new Manifest.FileEntry("findings/a b.parquet", 10)))),
        List.of(),
        Map.of("recall", 0.1 + 0.2, "undefined", Double.NaN),
        new Provenance("0.1", "abc", "17", Map.of("spark", "4.1.0"), "Linux", "local[2]"),
        Instant.parse("2026-01-02T03:04:05.678901Z"),
        Instant.parse("2026-01-02T03:04:06Z"));
  }
}
