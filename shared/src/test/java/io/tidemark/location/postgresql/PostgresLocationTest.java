package io.tidemark.location.postgresql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresLocationTest {

  @TempDir Path folder;

  @Test
  void shouldReadAllParts() {
    PgConnectOptions options =
        PostgresLocation.parse("postgresql://me:a%3A%2Fb+c%40@localhost:5433/db?schema=s_1", null)
            .connectOptions();

    assertEquals("localhost", options.getHost());
    assertEquals(5433, options.getPort());
    assertEquals("db", options.getDatabase());
    assertEquals("me", options.getUser());
    assertEquals("a:/b+c@", options.getPassword());
    assertEquals(SslMode.DISABLE, options.getSslMode());
  }

  @Test
  void shouldHaveDefaults() {
    PostgresLocation location = PostgresLocation.parse("postgresql://me@[::1]/db", null);

    assertEquals("::1", location.host());
    assertEquals(5432, location.port());
    assertEquals("tidemark", location.schema());
    assertEquals("", location.login().password());
  }

  @Test
  void shouldTakeThePasswordFromTheEnvironmentUnlessTheUriHasOne() {
    assertEquals(
        "env", PostgresLocation.parse("postgresql://me@localhost/db", "env").login().password());
    assertEquals(
        "uri",
        PostgresLocation.parse("postgresql://me:uri@localhost/db", "env").login().password());
  }

  @Test
  void shouldNeverShowThePassword() {
    String uri = "postgresql://me:s3cret@localhost/db?schema=s";
    PostgresLocation location = PostgresLocation.parse(uri, null);

    assertEquals("postgresql://me@localhost:5432/db?schema=s", location.toString());
    assertFalse(location.login().toString().contains("s3cret"));
    for (String wrong :
        List.of(
            "postgres://me:s3cret@localhost/db",
            "postgresql://me:s3cret@localhost",
            "postgresql://me:s3cret@localhost:port/db",
            "postgresql://me:s3cret@localhost:99999/db",
            "postgresql://me:s3cret@s3cret@localhost/db",
            "postgresql://me:s3cret/@localhost/db",
            "postgresql://me:s3cret%zz@localhost/db",
            "postgresql://me:s3cret@localhost/db?password=s3cret",
            "postgresql://me:s3cret@localhost/db?schema=A",
            "postgresql://me:s3cret@example.org/db",
            "postgresql://localhost/db")) {
      String message = refusal(wrong);
      assertFalse(message.contains("s3cret"), message);
    }
  }

  @Test
  void shouldRefuseParametersThatItDoesNotKnow() {
    String here = "postgresql://me@localhost/db?";

    assertTrue(refusal(here + "search_path=x").contains("'search_path'"));
    assertTrue(refusal(here + "schema=a&schema=b").contains("once"));
    assertTrue(refusal(here + "schema").contains("with a value"));
    assertTrue(refusal(here + "sslmode=prefer").contains("'prefer'"));
    assertTrue(refusal(here + "sslmode=verify-full").contains("sslrootcert"));
    assertTrue(refusal(here + "sslmode=require&sslcert=a").contains("cannot be read"));
  }

  @Test
  void shouldAskForTlsOnTheWayToAnotherMachine() throws Exception {
    Path ca = Files.writeString(folder.resolve("ca.pem"), "");
    String there = "postgresql://me@db.example.org/db";

    assertTrue(refusal(there).contains("sslmode=verify-full"));
    assertEquals(
        SslMode.DISABLE, PostgresLocation.parse(there + "?sslmode=disable", null).tls().mode());
    assertEquals(
        SslMode.VERIFY_FULL,
        PostgresLocation.parse(there + "?sslmode=verify-full&sslrootcert=" + ca, null)
            .tls()
            .mode());
    assertTrue(refusal(there + "?sslmode=require&sslrootcert=" + ca).contains("verify"));
    assertTrue(refusal(there + "?sslmode=require&sslcert=" + ca).contains("go together"));
  }

  private static String refusal(String uri) {
    return assertThrows(
            IllegalArgumentException.class, () -> PostgresLocation.parse(uri, null), uri)
        .getMessage();
  }
}
