package io.tidemark.location.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class S3LocationTest {

  @Test
  void shouldReadAUriWithEverything() {
    S3Location location =
        S3Location.parse(
            "s3://my.bucket/a/b/?endpoint=https://s3.example.org:9000&region=eu-central-1"
                + "&pathStyle=true&caFile=/etc/ca%20one.pem&certFile=c.pem&keyFile=k.pem");

    assertEquals("my.bucket", location.bucket());
    assertEquals("a/b/", location.prefix());
    assertEquals(Optional.of(URI.create("https://s3.example.org:9000")), location.endpoint());
    assertEquals(Optional.of("eu-central-1"), location.region());
    assertTrue(location.pathStyle());
    assertEquals(Optional.of(Path.of("/etc/ca one.pem")), location.tls().caFile());
    assertEquals("a/b/parts/", location.below("parts").prefix());
  }

  @Test
  void shouldReadAUriWithABucketOnly() {
    for (String text : List.of("s3://bucket", "s3://bucket/")) {
      S3Location location = S3Location.parse(text);
      assertEquals("", location.prefix());
      assertEquals(Optional.empty(), location.endpoint());
      assertFalse(location.pathStyle());
      assertEquals(S3Tls.NONE, location.tls());
    }
  }

  @Test
  void shouldTakePlainHttpOnlyWithinTheMachineOrIfAskedTo() {
    for (String host : List.of("localhost", "127.0.0.1:9000", "127.1.2.3", "[::1]:9000")) {
      S3Location location = S3Location.parse("s3://bucket?endpoint=http://" + host);
      assertTrue(location.endpoint().isPresent());
    }
    refused("s3://bucket?endpoint=http://10.0.0.1:9000", "allowHttp=true");
    refused("s3://bucket?endpoint=http://127.0.0.1.example.org", "not encrypted");
    assertTrue(
        S3Location.parse("s3://bucket?endpoint=http://10.0.0.1&allowHttp=true")
            .endpoint()
            .isPresent());
  }

  @Test
  void shouldSayWhatIsWrongWithAUri() {
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry("s3://", "is no URI"),
            Map.entry("s3:///a", "names no bucket"),
            Map.entry("s3://B", "names no bucket"),
            Map.entry("http://bucket", "names no bucket"),
            Map.entry("s3://bucket/a//b", "segment that is empty"),
            Map.entry("s3://bucket/a b", "is no URI"),
            Map.entry("s3://bucket?accessKey=AKIA", "unknown parameter 'accessKey'"),
            Map.entry("s3://bucket?", "unknown parameter ''"),
            Map.entry("s3://bucket?region=", "give 'region' one value"),
            Map.entry("s3://bucket?region", "give 'region' one value"),
            Map.entry("s3://bucket?region=a&region=b", "give 'region' one value"),
            Map.entry("s3://bucket?pathStyle=yes", "is true or false"),
            Map.entry("s3://bucket?certFile=c.pem", "both or not at all"),
            Map.entry("s3://bucket?endpoint=ftp://host", "an endpoint is https://HOST:PORT"),
            Map.entry("s3://bucket?endpoint=https://h/path", "an endpoint is https://HOST:PORT"),
            Map.entry("s3://bucket?endpoint=https://u:p@h", "an endpoint is https://HOST:PORT"));
    wrong.forEach(S3LocationTest::refused);
  }

  @Test
  void shouldRefuseCredentialsWithoutRepeatingThem() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> S3Location.parse("s3://AKIA:hidden@bucket/a"));

    assertTrue(e.getMessage().contains("must not have credentials"), e.getMessage());
    assertFalse(e.getMessage().contains("hidden"), e.getMessage());
  }

  private static void refused(String text, String why) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> S3Location.parse(text), text);
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }
}
