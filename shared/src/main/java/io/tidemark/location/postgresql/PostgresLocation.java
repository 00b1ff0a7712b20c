package io.tidemark.location.postgresql;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a consensus store lies.
 *
 * <pre>
 * postgresql://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?NAME=VALUE[&amp;NAME=VALUE]...]
 *
 * schema       the PostgreSQL schema that holds the tables; tidemark
 * sslmode      disable, require (encrypts, trusts anybody), verify-ca, verify-full (and checks that
 *              the certificate is the host's). Must be given unless the host is this machine, for
 *              which the default is disable
 * sslrootcert  PEM file of the authorities to trust; needed by both verify modes
 * sslcert      PEM file of our own certificate, with sslkey
 * sslkey       PEM file of its key, PKCS #8 or PKCS #1, not encrypted
 * </pre>
 *
 * <p>User and password are percent-encoded. {@code toString} never shows the password.
 */
public record PostgresLocation(
    String host, int port, String database, String schema, Login login, Tls tls) {

  private static final int DEFAULT_PORT = 5432;
  private static final String DEFAULT_SCHEMA = "tidemark";
  private static final Pattern SCHEMA_NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
  private static final Pattern URI =
      Pattern.compile(
          "postgresql://(?<user>[^:@/?#\\s]+)(:(?<password>[^:@/?#\\s]*))?@"
              + "(?<host>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:(?<port>\\d{1,5}))?"
              + "/(?<database>[^/?#\\s]+)(\\?(?<parameters>[^#\\s]*))?");
  private static final Set<String> PARAMETERS =
      Set.of("schema", "sslmode", "sslrootcert", "sslcert", "sslkey");

  /**
   * Who we are.
   *
   * @param password empty if there is none
   */
  public record Login(String user, String password) {
    @Override
    public String toString() {
      return user;
    }
  }

  /** How the connection is secured. The files are those of the parameters, or null. */
  public record Tls(
      SslMode mode, @Nullable Path rootCert, @Nullable Path cert, @Nullable Path key) {}

  /**
   * Reads a URI. Looks whether the files are there, so it may block for a moment.
   *
   * @param environmentPassword the password if the URI has none; null for none
   * @throws IllegalArgumentException if it is not one, without showing it, since it may hold a
   *     password
   */
  public static PostgresLocation parse(String uri, @Nullable String environmentPassword) {
    Matcher parts = URI.matcher(uri);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "the location of a PostgreSQL store has to be of the form"
              + " postgresql://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?NAME=VALUE&...], with any"
              + " special character of the user and the password percent-encoded");
    }
    String password = parts.group("password");
    Map<String, String> parameters = parameters(parts.group("parameters"));
    String host = parts.group("host");
    return new PostgresLocation(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port(parts.group("port")),
        decode(parts.group("database")),
        schema(parameters.getOrDefault("schema", DEFAULT_SCHEMA)),
        new Login(
            decode(parts.group("user")),
            password != null
                ? decode(password)
                : environmentPassword == null ? "" : environmentPassword),
        tls(host, parameters));
  }

  private static int port(@Nullable String text) {
    int port = text == null ? DEFAULT_PORT : Integer.parseInt(text);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " has to be from 1 to 65535");
    }
    return port;
  }

  private static String schema(String name) {
    if (!SCHEMA_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "schema '" + name + "' has to be of the form " + SCHEMA_NAME.pattern());
    }
    return name;
  }

  private static Map<String, String> parameters(@Nullable String text) {
    Map<String, String> parameters = new HashMap<>();
    if (text == null || text.isEmpty()) {
      return parameters;
    }
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      if (!PARAMETERS.contains(name)) {
        throw new IllegalArgumentException(
            "unknown parameter '"
                + name
                + "' of a PostgreSQL store: there are "
                + String.join(", ", PARAMETERS.stream().sorted().toList()));
      }
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (value.isEmpty() || parameters.put(name, value) != null) {
        throw new IllegalArgumentException(
            "parameter '" + name + "' of a PostgreSQL store has to be given once, with a value");
      }
    }
    return parameters;
  }

  private static Tls tls(String host, Map<String, String> parameters) {
    String given = parameters.get("sslmode");
    if (given == null && !isThisMachine(host)) {
      throw new IllegalArgumentException(
          "PostgreSQL on "
              + host
              + " needs sslmode=verify-full and sslrootcert=FILE, or another sslmode: without one"
              + " the state would cross the network for all to read");
    }
    Tls tls =
        new Tls(
            mode(given == null ? "disable" : given),
            file("sslrootcert", parameters),
            file("sslcert", parameters),
            file("sslkey", parameters));
    boolean verifies = tls.mode == SslMode.VERIFY_CA || tls.mode == SslMode.VERIFY_FULL;
    if (verifies != (tls.rootCert != null)) {
      throw new IllegalArgumentException(
          "sslrootcert goes with sslmode verify-ca and verify-full, and they need it");
    }
    if ((tls.cert == null) != (tls.key == null)) {
      throw new IllegalArgumentException("sslcert and sslkey go together");
    }
    if (tls.mode == SslMode.DISABLE && tls.cert != null) {
      throw new IllegalArgumentException("sslcert makes no sense with sslmode=disable");
    }
    return tls;
  }

  private static SslMode mode(String text) {
    return switch (text) {
      case "disable" -> SslMode.DISABLE;
      case "require" -> SslMode.REQUIRE;
      case "verify-ca" -> SslMode.VERIFY_CA;
      case "verify-full" -> SslMode.VERIFY_FULL;
      default ->
          throw new IllegalArgumentException(
              "sslmode '" + text + "' has to be disable, require, verify-ca or verify-full");
    };
  }

  private static @Nullable Path file(String name, Map<String, String> parameters) {
    String value = parameters.get(name);
    if (value == null) {
      return null;
    }
    Path file = Path.of(value);
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(name + " " + file + " cannot be read");
    }
    return file;
  }

  private static boolean isThisMachine(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  private static String decode(String text) {
    try {
      // In a URI, unlike in a form, a plus is a plus.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Not passed on: it shows some of what may be a password.
      throw new IllegalArgumentException(
          "the location of a PostgreSQL store has a '%' that begins no percent-encoded character");
    }
  }

  /** For the client. */
  PgConnectOptions connectOptions() {
    PgConnectOptions options =
        new PgConnectOptions()
            .setHost(host)
            .setPort(port)
            .setDatabase(database)
            .setUser(login.user)
            .setPassword(login.password)
            .setSslMode(tls.mode)
            .setCachePreparedStatements(true)
            .addProperty("application_name", "tidemark");
    if (tls.mode != SslMode.DISABLE) {
      options.setSslOptions(sslOptions());
    }
    return options;
  }

  private ClientSSLOptions sslOptions() {
    ClientSSLOptions options =
        new ClientSSLOptions()
            .setHostnameVerificationAlgorithm(tls.mode == SslMode.VERIFY_FULL ? "HTTPS" : "")
            .setTrustAll(tls.rootCert == null);
    if (tls.rootCert != null) {
      options = options.setTrustOptions(new PemTrustOptions().addCertPath(tls.rootCert.toString()));
    }
    if (tls.cert != null && tls.key != null) {
      options =
          options.setKeyCertOptions(
              new PemKeyCertOptions()
                  .setCertPath(tls.cert.toString())
                  .setKeyPath(tls.key.toString()));
    }
    return options;
  }

  /** For people: all but the password and the files. */
  @Override
  public String toString() {
    String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return "postgresql://"
        + login.user
        + "@"
        + shown
        + ":"
        + port
        + "/"
        + database
        + "?schema="
        + schema;
  }
}
