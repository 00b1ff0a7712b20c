package io.tidemark.location.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.S3Server;
import io.tidemark.location.Await;
import io.tidemark.location.DeterminateException;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3TlsTest {

  private static final String PASSWORD = "changeit";

  private final String bucket = S3Fixture.freshBucket();

  @TempDir Path folder;

  /** A key store with a key of this name that signs itself, with PEM files beside it. */
  private Path identity(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-validity",
                "2",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    pem(name + ".cert", "CERTIFICATE", keys.getCertificate(name).getEncoded());
    pem(name + ".key", "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
    return store;
  }

  private void pem(String file, String what, byte[] content) throws IOException {
    Path unused =
        Files.writeString(
            folder.resolve(file),
            "-----BEGIN "
                + what
                + "-----\n"
                + Base64.getMimeEncoder().encodeToString(content)
                + "\n-----END "
                + what
                + "-----\n");
  }

  private static void assertWorks(S3Location location) {
    try (S3Blob blob = S3Blob.open(location, S3Timing.DEFAULT, S3Fixture.CREDENTIALS)) {
      Await.result(blob.set("a/b", new byte[] {7}));
      assertEquals(7, Await.result(blob.get("a/b")).orElseThrow()[0]);
    }
  }

  private static String refusal(S3Location location) {
    String message =
        assertThrows(
                DeterminateException.class,
                () -> S3Blob.open(location, S3Timing.DEFAULT, S3Fixture.CREDENTIALS).close())
            .getMessage();
    assertFalse(message.contains("\n"), message);
    return message;
  }

  @Test
  void shouldTrustTheAuthorityThatItIsGivenAndNoOther() throws Exception {
    Path store = identity("server");
    try (S3Server server = S3Server.startTls(folder, store, PASSWORD)) {
      String uri = server.uri(bucket, "p");

      assertWorks(S3Location.parse(uri + "&caFile=" + folder.resolve("server.cert")));
      assertTrue(refusal(S3Location.parse(uri)).contains("certif"), "without an authority");
    }
  }

  @Test
  void shouldShowItsCertificateToAServerThatAsksForIt() throws Exception {
    Path store = identity("front");
    Path unused = identity("client");
    HttpServerOptions mutual =
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(new PfxOptions().setPath(store.toString()).setPassword(PASSWORD))
            .setClientAuth(ClientAuth.REQUIRED)
            .setTrustOptions(
                new PemTrustOptions().addCertPath(folder.resolve("client.cert").toString()));
    S3Fixture.server().createBucket(bucket);
    try (FaultProxy front =
        new FaultProxy(S3Fixture.vertx(), S3Fixture.server().endpoint(), mutual)) {
      String ca = "&caFile=" + folder.resolve("front.cert");
      String own =
          "&certFile=" + folder.resolve("client.cert") + "&keyFile=" + folder.resolve("client.key");

      assertWorks(front.location(bucket, "p", ca + own));
      String refused = refusal(front.location(bucket, "p", ca));
      assertTrue(refused.startsWith("cannot list s3://" + bucket), refused);
    }
  }

  @Test
  void shouldSayWhichFileItCannotUse() throws Exception {
    Path missing = folder.resolve("missing.pem");
    String uri = S3Fixture.server().uri(bucket, "p") + "&caFile=";

    assertTrue(refusal(S3Location.parse(uri + missing)).contains("missing.pem"));
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    assertTrue(refusal(S3Location.parse(uri + empty)).contains("empty.pem"));
  }
}
