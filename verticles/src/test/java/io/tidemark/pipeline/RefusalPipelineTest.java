package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.client.SessionSettings;
import io.tidemark.client.SourcePartition;
import io.tidemark.location.Await;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What cannot be taken: it is refused with a stable code, counted, and harms nothing around it. */
class RefusalPipelineTest extends PipelineTest {

  @BeforeEach
  void createAndSendARow() {
    start(NodeOptions.DEFAULTS.withWriter(Settings.impatientWriter()));
    node().admin("create", Orders.ingest("orders"));
    node().reply("tidemark.orders", Orders.row(1, "before"));
  }

  @AfterEach
  void shouldTakeTheRowsAroundIt() {
    node().reply("tidemark.orders", Orders.row(2, "after"));
    assertEquals(
        Map.of(Orders.values(1, "before"), 1L, Orders.values(2, "after"), 1L),
        contents().of("orders"));
  }

  private void assertRefused(FailureCode code, String text, Object body, String... headers) {
    double before = refusals(code);
    assertText(code, text, node().refusal("tidemark.orders", body, headers));
    assertEquals(before + 1, refusals(code), "it is counted, once");
  }

  private double refusals(FailureCode code) {
    return node().counted("tidemark.messages.refused", "collection", "orders", "code", code.name());
  }

  private static void assertText(FailureCode code, String text, ReplyException refusal) {
    assertEquals(code.status(), refusal.failureCode(), refusal.getMessage());
    assertTrue(
        refusal.getMessage().startsWith(code + ": ") && refusal.getMessage().contains(text),
        refusal.getMessage());
  }

  private static void assertRefusal(FailureCode code, String text, RefusedException refusal) {
    assertEquals(code, refusal.code(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
  }

  @Test
  void shouldRefuseRowsThatDoNotFit() {
    invalid("'who'", new JsonObject().put("id", 3).put("who", 4));
    invalid("'id'", new JsonObject().put("who", "ann"));
    invalid("'id'", new JsonObject().put("id", "many"));
    invalid("'price'", Orders.row(3, "ann").put("price", 1));
    invalid("_time", Orders.row(3, "ann").put("_time", 5));
    invalid("_diff", Orders.row(3, "ann").put("_diff", "x"));
    invalid("send a row", "not a row");
    invalid("send a row", null);
    invalid("no row", new JsonArray());
    invalid("", new JsonArray().add("not a row"));
    invalid("", Buffer.buffer("not a block"));
  }

  private void invalid(String text, Object body) {
    assertRefused(FailureCode.INVALID_ROW, text, body);
  }

  @Test
  void shouldTakeNothingOfAMessageWithOneBadRow() {
    invalid("'id'", new JsonArray().add(Orders.row(7, "good")).add(new JsonObject()));
  }

  @Test
  void shouldRefuseABlockOfAnotherSchema() {
    Schema other = Schema.of(Column.required("id", ColumnType.STRING));
    io.tidemark.row.UpdateBlockBuilder block = new io.tidemark.row.UpdateBlockBuilder(other);
    block.string(0, "x").row(0, 1);
    invalid("", Buffer.buffer(BlockCodec.encode(block.build())));
  }

  @Test
  void shouldTakeABlockAsBytes() {
    UpdateBlock block = Orders.at(contents().spec("orders").schema(), "block", 0);
    node().reply("tidemark.orders", Buffer.buffer(BlockCodec.encode(block)));
    node().reply("tidemark.orders", Orders.row(0, "block").put("_diff", -1));
  }

  @Test
  void shouldRefuseHeadersThatAreNoNumbers() {
    JsonObject row = Orders.row(3, "ann");
    FailureCode invalid = FailureCode.INVALID_ROW;
    assertRefused(invalid, "'seq' is missing", row, "producer", "till");
    assertRefused(invalid, "'seq' is 'one'", row, "producer", "till", "seq", "one");
    assertRefused(invalid, "at least 1", row, "producer", "till", "seq", "0");
    assertRefused(invalid, "'session' is '-1'", row, "producer", "t", "seq", "1", "session", "-1");
    assertRefused(invalid, "does not begin with '~'", row, "producer", "~own", "seq", "1");
    assertRefused(invalid, "1 to 200", row, "producer", "x".repeat(201), "seq", "1");
  }

  @Test
  void shouldRefuseAMessageThatIsTooLarge() {
    JsonArray many = new JsonArray();
    for (int i = 0; i < 30; i++) {
      many.add(Orders.row(i, "x".repeat(50_000)));
    }
    assertRefused(FailureCode.TOO_LARGE, "at most 1048576", many);
    assertRefused(
        FailureCode.TOO_LARGE, "split the message", Buffer.buffer(new byte[(1 << 20) + 1]));
  }

  @Test
  void shouldTakeUpToTheLimitOfAMessageAndNoMore() {
    int max = (int) Settings.impatientWriter().maxMessageBytes();
    long overhead = Orders.at(contents().spec("orders").schema(), "", 1).bytes();
    int most = (int) (max - overhead);
    for (int length : new int[] {most - 1, most}) {
      String who = "x".repeat(length);
      node().reply("tidemark.orders", Orders.row(1, who));
      retract(1, who);
    }
    for (int length : new int[] {most + 1, 10 * max}) {
      assertRefused(FailureCode.TOO_LARGE, "at most " + max, Orders.row(1, "x".repeat(length)));
    }
  }

  @Test
  void shouldRefuseAGapAndSayWhatIsExpected() {
    JsonObject row = Orders.row(3, "ann");
    ReplyException refusal = node().refusal("tidemark.orders", row, "producer", "till", "seq", "2");
    assertText(FailureCode.SEQUENCE_GAP, "message 1 is expected", refusal);
    assertEquals(1, refusals(FailureCode.SEQUENCE_GAP));
  }

  @Test
  void shouldRefuseAMessageOfAnEarlierEpoch() {
    Session session = open("till", "me");
    Submit stale = new Submit("orders", session.epoch() - 1, "till", session.session(), 1, row());
    RefusedException refusal = submit(session, stale);
    assertRefusal(FailureCode.STALE_EPOCH, "open again", refusal);
    assertEquals(1, refusals(FailureCode.STALE_EPOCH));
  }

  @Test
  void shouldFenceASessionOnceAnotherIsOpen() {
    Session first = open("till", "me");
    Session second = open("till", "you");
    RefusedException refusal =
        submit(first, new Submit("orders", first.epoch(), "till", first.session(), 1, row()));
    assertRefusal(FailureCode.FENCED, "another one was opened", refusal);
    assertTrue(second.session() > first.session());
    String[] headers = {"producer", "till", "seq", "1", "session", "" + first.session()};
    assertText(
        FailureCode.FENCED,
        "open again",
        node().refusal("tidemark.orders", Orders.row(3, "ann"), headers));
  }

  private Session open(String producer, String instance) {
    return node()
        .on(
            () ->
                node()
                    .bus()
                    .request(
                        Addresses.open("orders"),
                        new OpenProducer("orders", 0, producer, instance, 1),
                        5_000)
                    .map(Session.class::cast));
  }

  private Rows row() {
    return Rows.of(Orders.at(contents().spec("orders").schema(), "x", 3));
  }

  private RefusedException submit(Session session, Submit message) {
    return failure(
        RefusedException.class,
        () -> node().bus().request(Addresses.writer(session.writer()), message, 5_000));
  }

  @CanIgnoreReturnValue
  private <E extends Throwable> E failure(Class<E> type, Supplier<Future<Object>> call) {
    Throwable[] failure = {null};
    node()
        .on(
            () ->
                call.get()
                    .transform(
                        done -> {
                          failure[0] = done.cause();
                          return Future.succeededFuture();
                        }));
    return org.junit.jupiter.api.Assertions.assertInstanceOf(type, failure[0]);
  }

  @Test
  void shouldTellAPublisherWhoseProducerWasTakenOver() {
    Publisher first = node().publisher("orders", "till");
    node().on(() -> first.append(Orders.binary(10, "first")));
    Publisher second = node().publisher("orders", "till");
    assertEquals(1, second.committed().sequence());
    node().on(() -> second.append(Orders.binary(11, "second")));
    RefusedException refusal =
        failure(
            RefusedException.class,
            () -> first.append(Orders.binary(12, "first")).map(Object.class::cast));
    assertRefusal(FailureCode.FENCED, "give each publisher its own", refusal);
    retract(10, "first");
    retract(11, "second");
  }

  private void retract(long id, String who) {
    node().reply("tidemark.orders", Orders.row(id, who).put("_diff", -1));
  }

  @Test
  void shouldRefuseABadRowOfAPublisherAlone() {
    Publisher publisher = node().publisher("orders", "till");
    Future<?> good =
        node().on(() -> Future.succeededFuture(publisher.append(Orders.binary(10, "good"))));
    failure(
        InvalidRowException.class,
        () -> publisher.append(row -> row.string(1, "no id")).map(Object.class::cast));
    Await.result(good);
    retract(10, "good");
  }

  @Test
  void shouldRefuseOpeningsThatMakeNoSense() {
    String open = "tidemark.orders.open";
    double before = refusals(FailureCode.INVALID_ROW);
    assertOpening("\"producer\"", node().refusal(open, new JsonObject()));
    assertOpening("send {\"producer\"", node().refusal(open, "till"));
    assertOpening("'~'", node().refusal(open, new JsonObject().put("producer", "~x")));
    assertOpening("", node().refusal(open, new JsonObject().put("producer", 5)));
    assertOpening(
        "attempt",
        node().refusal(open, new JsonObject().put("producer", "till").put("attempt", "first")));
    assertOpening(
        "instance",
        node().refusal(open, new JsonObject().put("producer", "till").put("instance", 7)));
    assertOpening("ingest mode", node().refusal(open, new JsonObject().put("partition", 0)));
    assertEquals(before + 7, refusals(FailureCode.INVALID_ROW), "each is counted, once");
  }

  private static void assertOpening(String text, ReplyException refusal) {
    assertText(FailureCode.INVALID_ROW, text, refusal);
  }

  @Test
  void shouldOpenASessionWithJson() {
    JsonObject session =
        node().reply("tidemark.orders.open", new JsonObject().put("producer", "till"));
    assertEquals(0, session.getLong("sequence"));
    assertEquals(0, session.getLong("accepted"));
    assertEquals(Orders.columns().size(), session.getJsonArray("columns").size());
    assertEquals(Settings.impatientWriter().creditBytes(), session.getLong("credit"));
    String[] headers = {"producer", "till", "seq", "1", "session", "" + session.getLong("session")};
    node().reply("tidemark.orders", Orders.row(5, "ann"), headers);
    JsonObject again =
        node().reply("tidemark.orders.open", new JsonObject().put("producer", "till"));
    assertEquals(1, again.getLong("sequence"));
    assertEquals(1, again.getLong("updates"));
    retract(5, "ann");
  }

  @Test
  void shouldSayThatThereIsNoSuchCollection() {
    ReplyException refusal = node().refusal("tidemark.nothing", Orders.row(1, "ann"));
    assertEquals(ReplyFailure.NO_HANDLERS, refusal.failureType());
    SessionSettings brief = new SessionSettings(1 << 20, 16, 200, 400, 5, 50);
    assertRefusal(
        FailureCode.UNKNOWN_COLLECTION,
        "nothing",
        failure(
            RefusedException.class,
            () ->
                Publisher.open(
                        "nothing",
                        new PublisherOptions("till", 16, 1024, 1, brief),
                        node().environment(),
                        node().bus())
                    .map(Object.class::cast)));
    assertRefusal(
        FailureCode.UNKNOWN_COLLECTION,
        "nothing",
        failure(
            RefusedException.class,
            () ->
                SourcePartition.claim("nothing", 0, node().environment(), node().bus(), brief)
                    .map(Object.class::cast)));
  }
}
