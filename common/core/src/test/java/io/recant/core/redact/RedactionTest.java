package io.recant.core.redact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.manifest.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

  /** One key for each pattern of Hadoop's and of Spark's own list. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dfs.web.authentication.signature.secret",
        "ssl.server.truststore.password",
        "ssl.server.keystore.pass",
        "fs.s3a.secret.key",
        "fs.s3a.access.key",
        "fs.s3a.session.token",
        "fs.s3a.bucket.corpora.secret.key",
        "fs.s3a.encryption.key",
        "fs.azure.account.key.corpora.blob.core.windows.net",
        "fs.azure.account.oauth2.client.secret",
        "some.credential",
        "oauth.refresh.token",
        "spark.ssl.keyPassword",
        "spark.authenticate.secret",
        "spark.hadoop.fs.s3a.access.key",
        "AWS_SECRET_ACCESS_KEY",
        "apiKey",
        "access-token",
        "TOKEN"
      })
  void keysOfSecrets(String key) {
    assertThat(Redaction.isSensitive(key)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "answer_tokens",
        "maximum_tokens",
        "tokenizer",
        "token_id",
        "tokens_per_second",
        "secretary",
        "key",
        "keys",
        "signal",
        "passes",
        "id_key_column"
      })
  void keysOfOtherThings(String key) {
    assertThat(Redaction.isSensitive(key)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "s3a://AKIA:se/cr+et@bucket/a.jsonl, s3a://*****@bucket/a.jsonl",
    "s3a://AKIA@bucket/a.jsonl, s3a://*****@bucket/a.jsonl",
    "https://user:secret@host:8443/a?b=c, https://*****@host:8443/a?b=c",
    "https://ghp_secret@host/a, https://*****@host/a",
    "ftp://user:p@ss@host/a, ftp://*****@host/a",
    "webhdfs://user:secret@host:9870/a, webhdfs://user:*****@host:9870/a",
    "webhdfs://user:se/cret@host:9870/a, webhdfs://user:*****@host:9870/a",
    "https://host/a?sv=1&sig=a%2Fb%3D&x=1, https://host/a?sv=1&sig=*****&x=1",
    "https://host/a?X-Amz-Security-Token=abc, https://host/a?X-Amz-Security-Token=*****",
    "jdbc:postgresql://host/db?user=me&password=secret, jdbc:postgresql://host/db?user=me&password=*****",
    "jdbc:sqlserver://host;user=me;password=secret, jdbc:sqlserver://host;user=me;password=*****"
  })
  void passwordsOfUris(String uri, String redacted) {
    assertThat(Redaction.uris(uri)).isEqualTo(redacted);
    assertThat(Redaction.uris(redacted)).as("once more").isEqualTo(redacted);
    assertThat(Redaction.text("cannot read '" + uri + "' twice"))
        .isEqualTo("cannot read '" + redacted + "' twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abfss://container@account.dfs.core.windows.net/a",
        "hdfs://user@host:8020/a",
        "hdfs://host:8020/user/a@b.jsonl",
        "s3a://bucket/of/a@b.jsonl",
        "file:///home/me/a@b=c.jsonl",
        "a definition: the token @ the door",
        "me@example.org",
        "/data/a?b=c"
      })
  void whatIsNoSecretStays(String text) {
    assertThat(Redaction.uris(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--set a.secret_key=hunter2: no | --set a.secret_key=***** no",
        "password: hunter2 | password: *****",
        "password: \"hun ter2 | password: *****",
        "{\"token\" : \"hun\\\"ter2\", \"a\" : 1} | {\"token\" : *****, \"a\" : 1}",
        "fs.s3a.secret.key=hunter2, fs.s3a.endpoint=x | fs.s3a.secret.key=*****, fs.s3a.endpoint=x",
        "answer_tokens: 24 is outside [1, 10] | answer_tokens: 24 is outside [1, 10]"
      })
  void assignmentsInMessages(String message, String redacted) {
    assertThat(Redaction.text(message)).isEqualTo(redacted);
  }

  @Test
  void treesKeepTheirShape() throws IOException {
    JsonNode tree =
        json(
            "{'source':{'path':'s3a://k:s@b/x','password':'hunter2','limit':3,'tokens':7},"
                + "'credentials':{'user':'me','pin':1234,'on':true,'none':null},'list':['a@b','c']}");

    assertThat(Redaction.tree(tree))
        .isEqualTo(
            json(
                "{'source':{'path':'s3a://*****@b/x','password':'*****','limit':3,'tokens':7},"
                    + "'credentials':{'user':'*****','pin':'*****','on':true,'none':null},'list':['a@b','c']}"));
  }

  @Test
  void tracesAreRedactedDownToTheCause() {
    Exception error =
        new IllegalStateException(
            "outer password=hunter2", new IOException("Wrong FS: ftp://me:hunter3@host/x"));

    assertThat(Redaction.trace(error))
        .contains("IllegalStateException: outer password=*****", "Caused by", "ftp://*****@host/x")
        .contains("at io.recant.core.redact.RedactionTest")
        .doesNotContain("hunter");
  }

  /** Where an expression went over the text once per place in it, this would not end. */
  @Test
  void aLongTextIsGoneThroughOnce() {
    for (String piece :
        List.of("a", "a.", "secret", "?a", "://a:", "\"a", "token=\"b\\\\\"", "password=\"c")) {
      String text = piece.repeat(30_000) + "@=";
      assertThat(Redaction.text(text)).hasSizeGreaterThan(1000);
    }
  }

  @Property
  void noPasswordIsLeftInAUri(
      @ForAll @AlphaChars @StringLength(min = 1, max = 8) String user,
      @ForAll @StringLength(min = 6, max = 12) @AlphaChars String password) {
    String secret = "Z9" + password;
    assertThat(Redaction.uris("at viewfs://" + user + ":" + secret + "@host/x, and"))
        .isEqualTo("at viewfs://" + user + ":*****@host/x, and");
  }

  private static JsonNode json(String text) throws IOException {
    return Json.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), JsonNode.class);
  }
}
