package io.tidemark.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.TestCertificates;
import io.tidemark.launcher.CommandLines;
import io.tidemark.launcher.Metrics;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.config.TlsFiles;
import io.tidemark.launcher.config.Token;
import io.tidemark.launcher.node.Node;
import io.tidemark.location.Await;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands, against a node that wants a token and a client's certificate, over TLS. */
@Timeout(120)
class SecuredNodeTest {

  private static final String TOKEN = "open-sesame";

  @TempDir private static Path folder;
  private static TestCertificates ours;
  private static TestCertificates foreign;
  private static String tokenFile;
  private static Vertx vertx;
  private static Node node;

  @BeforeAll
  static void start() throws IOException {
    ours = TestCertificates.create(Files.createDirectory(folder.resolve("ours")), "till");
    foreign = TestCertificates.create(Files.createDirectory(folder.resolve("foreign")), "till");
    tokenFile = Files.writeString(folder.resolve("token"), TOKEN + "\n").toString();
    vertx = Vertx.vertx();
    TlsFiles tls = new TlsFiles(ours.serverCertificate(), ours.serverKey(), ours.ca());
    NodeConfig.Http http =
        new NodeConfig.Http("127.0.0.1", 0, 1 << 20, Token.of(TOKEN, "the test"), tls);
    node =
        Await.result(
            Node.start(
                vertx,
                NodeConfig.DEFAULTS.withData(folder.resolve("data")).withHttp(http),
                Metrics.registry()));
  }

  @AfterAll
  static void stop() {
    Await.result(node.stop());
    Await.result(vertx.close());
  }

  private static CommandsTest.Run run(String input, List<String> security, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(security);
    all.add("--url=https://127.0.0.1:" + node.port());
    CapturedTerminal terminal = CapturedTerminal.withInput(input);
    int exitCode =
        CommandLines.commandLine(terminal.terminal()).execute(all.toArray(String[]::new));
    return new CommandsTest.Run(exitCode, terminal.out(), terminal.err());
  }

  private static List<String> certificate(TestCertificates of) {
    return List.of("--cert-file=" + of.clientCertificate(), "--key-file=" + of.clientKey());
  }

  private static List<String> with(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return all;
  }

  @Test
  void shouldWorkWithTokenAndCertificates() {
    List<String> all =
        with(certificate(ours), "--ca-file=" + ours.ca(), "--token-file=" + tokenFile);
    run("", all, "create", "safe", "--column", "id:int64").ok();
    run("{\"id\": 1}\n{\"id\": 2}\n", all, "publish", "safe", "--producer", "p").ok();
    assertEquals(2, run("", all, "snapshot", "safe").ok().out().lines().count());
    assertTrue(run("", all, "collections").ok().out().contains("safe"));
    assertTrue(run("", all, "inspect", "safe").ok().out().contains("upper"));
  }

  @Test
  void shouldSayThatTheTokenIsMissingOrWrong() throws IOException {
    List<String> trusted = with(certificate(ours), "--ca-file=" + ours.ca());
    CommandsTest.Run none = run("", trusted, "collections");
    assertEquals(1, none.exitCode());
    assertTrue(none.err().contains("the node wants a token"), none.err());
    Path other = Files.writeString(folder.resolve("other"), "open-says-me");
    CommandsTest.Run wrong =
        run("{\"id\": 1}", with(trusted, "--token-file=" + other), "publish", "safe");
    assertEquals(1, wrong.exitCode());
    assertTrue(wrong.err().contains("not the node's token"), wrong.err());
    assertFalse(wrong.err().contains("says-me"), wrong.err());
  }

  @Test
  void shouldNotSpeakToWhomItDoesNotTrust() {
    List<String> token = List.of("--token-file=" + tokenFile);
    for (List<String> wrong :
        List.of(
            with(token), // what Java trusts
            with(token, "--ca-file=" + foreign.ca()),
            with(token, "--ca-file=" + ours.ca()), // the node wants a certificate
            with(certificate(foreign), "--ca-file=" + ours.ca()))) {
      CommandsTest.Run refused = run("{\"id\":1}", wrong, "publish", "safe", "--producer=p");
      assertEquals(1, refused.exitCode(), refused.err());
      assertTrue(refused.err().contains("no trust"), refused.err());
      assertEquals(1, refused.err().lines().count(), refused.err());
    }
  }

  @Test
  void shouldSayWhichOptionsDoNotFit() {
    assertMisused("or neither", List.of("--cert-file=" + ours.clientCertificate()));
    assertMisused("'none': NoSuchFile", List.of("--token-file=none"));
    assertMisused("file 'none': NoSuchFile", List.of("--ca-file=none"));
    assertMisused(
        "is not encrypted", List.of("--ca-file=" + ours.ca(), "--url=http://127.0.0.1:1"));
  }

  private static void assertMisused(String text, List<String> options) {
    CapturedTerminal terminal = CapturedTerminal.withInput("");
    String[] arguments =
        with(List.of("collections"), options.toArray(String[]::new)).toArray(String[]::new);
    assertEquals(2, CommandLines.commandLine(terminal.terminal()).execute(arguments));
    assertTrue(terminal.err().contains(text), terminal.err());
  }

  @Test
  void shouldTakeTheTokenOfTheEnvironmentUnlessAFileIsNamed() {
    assertNull(NodeOption.token(null, null));
    assertNull(NodeOption.token(null, ""));
    assertTrue(NodeOption.token(null, "x").matches("x"));
    assertTrue(NodeOption.token(Path.of(tokenFile), "x").matches(TOKEN));
    String message =
        assertThrows(ConfigException.class, () -> NodeOption.token(null, "x y")).getMessage();
    assertTrue(message.contains(NodeOption.TOKEN_VARIABLE) && !message.contains("x y"), message);
  }
}
