package io.tidemark.location.s3;

import io.tidemark.location.Arguments;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a store is, as its URI says: {@code s3://BUCKET/PREFIX?endpoint=…&region=…}. Blobs are kept
 * below {@code PREFIX/parts/} and consensus below {@code PREFIX/consensus/}, so both may have the
 * same URI.
 *
 * @param bucket the bucket's name
 * @param prefix what the names of all objects begin with, with a slash at the end, or empty
 * @param endpoint the server, or empty for that of AWS
 * @param region empty for what the environment says
 * @param pathStyle whether the bucket goes into the path, rather than the host name
 * @param tls files for TLS
 */
public record S3Location(
    String bucket,
    String prefix,
    Optional<URI> endpoint,
    Optional<String> region,
    boolean pathStyle,
    S3Tls tls) {

  /** What every URI begins with. */
  public static final String SCHEME = "s3://";

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]");
  private static final Set<String> PARAMETERS =
      Set.of("endpoint", "region", "pathStyle", "allowHttp", "caFile", "certFile", "keyFile");

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException if it is none, or has credentials or an unknown parameter
   */
  public static S3Location parse(String text) {
    URI uri = uri(text);
    String bucket = uri.getAuthority();
    if (bucket != null && bucket.contains("@")) {
      throw new IllegalArgumentException(
          "the URI of an S3 store must not have credentials: leave them to the environment"
              + " (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or an instance's role)");
    }
    if (!"s3".equals(uri.getScheme()) || bucket == null || !BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' names no bucket: write s3://BUCKET or s3://BUCKET/PREFIX");
    }
    Map<String, String> parameters = parameters(bucket, uri.getRawQuery());
    return new S3Location(
        bucket,
        prefix(uri.getPath()),
        endpoint(parameters),
        Optional.ofNullable(parameters.get("region")),
        flag(parameters, "pathStyle"),
        new S3Tls(
            path(parameters, "caFile"), path(parameters, "certFile"), path(parameters, "keyFile")));
  }

  /** The same bucket, below a folder of this prefix. */
  S3Location below(String folder) {
    return new S3Location(bucket, prefix + folder + "/", endpoint, region, pathStyle, tls);
  }

  /** The bucket and the server, for messages. */
  String shown() {
    return SCHEME + bucket + endpoint.map(server -> " of " + server).orElse("");
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'" + text + "' is no URI: " + e.getReason(), e);
    }
  }

  private static String prefix(String path) {
    String prefix = path.replaceAll("^/+|/+$", "");
    if (prefix.isEmpty()) {
      return "";
    }
    Arguments.key(prefix);
    return prefix + "/";
  }

  private static Map<String, String> parameters(String bucket, String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : query == null ? new String[0] : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      if (!PARAMETERS.contains(name)) {
        throw new IllegalArgumentException(
            "s3://"
                + bucket
                + " has the unknown parameter '"
                + name
                + "': there are endpoint, region, pathStyle, allowHttp, caFile, certFile and"
                + " keyFile, and credentials are left to the environment");
      }
      String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
      if (equals < 0 || value.isEmpty() || parameters.put(name, value) != null) {
        throw new IllegalArgumentException(
            "s3://" + bucket + ": give '" + name + "' one value, once");
      }
    }
    return parameters;
  }

  private static boolean flag(Map<String, String> parameters, String name) {
    String value = parameters.getOrDefault(name, "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new IllegalArgumentException("'" + name + "' is true or false, not '" + value + "'");
    }
    return value.equals("true");
  }

  private static Optional<Path> path(Map<String, String> parameters, String name) {
    return Optional.ofNullable(parameters.get(name)).map(Path::of);
  }

  private static Optional<URI> endpoint(Map<String, String> parameters) {
    String text = parameters.get("endpoint");
    if (text == null) {
      return Optional.empty();
    }
    URI endpoint = uri(text);
    boolean http = "http".equals(endpoint.getScheme());
    boolean bare =
        endpoint.getRawUserInfo() == null
            && endpoint.getRawQuery() == null
            && (endpoint.getPath().isEmpty() || endpoint.getPath().equals("/"));
    if ((!http && !"https".equals(endpoint.getScheme())) || endpoint.getHost() == null || !bare) {
      throw new IllegalArgumentException(
          "an endpoint is https://HOST:PORT (or http://), and nothing more");
    }
    if (http && !isLoopback(endpoint.getHost()) && !flag(parameters, "allowHttp")) {
      throw new IllegalArgumentException(
          "the endpoint "
              + text
              + " is not encrypted: use https, or say allowHttp=true if the network is trusted");
    }
    return Optional.of(endpoint);
  }

  /** By its name: a look-up would block, and may change its mind. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
  }
}
