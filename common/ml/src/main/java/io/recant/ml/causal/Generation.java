package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What a model says after a prompt, token by token. Each token is read once: what later ones need
 * of it is kept in a {@link KeyValueCache}, which holds at most {@code batchSize} rows of the
 * longest prompt and answer, and is freed after its batch.
 *
 * <p>An answer depends on its prompt and, where tokens are drawn, on the seed and on how many
 * prompts came before it; not on the batch it is in, except that where two tokens are equally
 * likely to within rounding, another batch may take the other one.
 */
public final class Generation {

  private final CausalModel model;
  private final GenerationSettings settings;
  private final NextToken nextToken;

  /**
   * @param model not closed by this
   */
  public Generation(CausalModel model, GenerationSettings settings) {
    this.model = model;
    this.settings = settings;
    nextToken = new NextToken(settings);
  }

  /**
   * Continues prompts.
   *
   * @return the answers in the prompts' order, without special tokens; an answer ends at EOS
   *     ({@link CausalModel#isEnd}), at the longest length or where the model's positions do
   */
  public List<String> continuations(List<String> prompts) {
    List<String> answers = new ArrayList<>(prompts.size());
    stream(prompts.iterator(), answers::add);
    return answers;
  }

  /**
   * Continues answers that have begun.
   *
   * @param beginnings what of each answer is given, one a prompt; the result is what follows it
   */
  public List<String> continuations(List<String> prompts, List<String> beginnings) {
    List<String> answers = new ArrayList<>(prompts.size());
    Iterator<long[]> starts =
        IntStream.range(0, prompts.size())
            .mapToObj(i -> begun(prompts.get(i), beginnings.get(i)))
            .iterator();
    continueAll(starts, answers::add);
    return answers;
  }

  /** Continues prompts in their order, holding one batch at a time. */
  public void stream(Iterator<String> prompts, Consumer<String> sink) {
    continueAll(
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return prompts.hasNext();
          }

          @Override
          public long[] next() {
            return model.encoder().prompt(prompts.next()).ids();
          }
        },
        answer -> sink.accept(model.encoder().withoutLead(answer)));
  }

  private long[] begun(String prompt, String beginning) {
    return LongStream.of(model.encoder().begun(prompt, beginning))
        .limit(model.config().maximumPositions())
        .toArray();
  }

  private void continueAll(Iterator<long[]> prompts, Consumer<String> sink) {
    SplittableRandom seeds = new SplittableRandom(settings.seed());
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device())) {
      while (prompts.hasNext()) {
        List<Row> batch = new ArrayList<>();
        while (batch.size() < settings.batchSize() && prompts.hasNext()) {
          long[] prompt = prompts.next();
          int room = model.config().maximumPositions() - prompt.length;
          int most = Math.min(settings.maximumTokens(), room);
          batch.add(new Row(prompt, most, new SplittableRandom(seeds.nextLong())));
        }
        try (NDManager owner = scope.newSubManager()) {
          extend(batch, owner);
        }
        batch.forEach(row -> sink.accept(answer(row)));
      }
    }
  }

  /** Until every row has ended; a row that has leaves the batch. */
  private void extend(List<Row> batch, NDManager owner) {
    List<Row> open = batch.stream().filter(Row::isOpen).toList();
    int longest = batch.stream().mapToInt(row -> row.promptLength).max().orElseThrow();
    int most = batch.stream().mapToInt(row -> row.most).max().orElseThrow();
    // The last token of an answer is not read again.
    KeyValueCache cache = new KeyValueCache(owner, open.size(), longest + most - 1);
    while (!open.isEmpty()) {
      List<Row> rows = open;
      long[] next = read(rows, cache, owner);
      int[] kept =
          IntStream.range(0, next.length).filter(i -> isOpen(rows.get(i), next[i])).toArray();
      if (kept.length < next.length) {
        cache.keep(kept);
        open = Arrays.stream(kept).mapToObj(rows::get).toList();
      }
    }
  }

  /** Reads what each row has not read yet, and chooses what follows it. */
  private long[] read(List<Row> rows, KeyValueCache cache, NDManager owner) {
    int[] counts = rows.stream().mapToInt(Row::unread).toArray();
    int length = Arrays.stream(counts).max().orElseThrow();
    long[] ids = new long[counts.length * length];
    long[] last = new long[counts.length];
    Arrays.fill(ids, model.config().padId());
    for (int i = 0; i < counts.length; i++) {
      rows.get(i).readInto(ids, i * length);
      last[i] = (long) i * length + counts[i] - 1;
    }
    try (NDManager manager = owner.newSubManager()) {
      NDArray logits =
          model.logits(
              manager.create(ids, new Shape(counts.length, length)),
              manager.create(last, new Shape(counts.length)),
              cache.append(counts));
      return nextToken.of(logits, rows.stream().map(row -> row.random).toList());
    }
  }

  /** Takes the token that follows a row; false where the row ends. */
  private boolean isOpen(Row row, long token) {
    if (model.isEnd(token)) {
      return false;
    }
    row.add(token);
    return row.isOpen();
  }

  private String answer(Row row) {
    return model.encoder().continuation(row.ids(), row.promptLength);
  }

  /** A prompt and the answer so far. */
  private static final class Row {

    private final int promptLength;
    private final int most;
    private final SplittableRandom random;
    private long[] ids;
    private int length;
    private int read;

    Row(long[] prompt, int most, SplittableRandom random) {
      ids = prompt;
      length = prompt.length;
      promptLength = prompt.length;
      this.most = most;
      this.random = random;
    }

    boolean isOpen() {
      return length - promptLength < most;
    }

    int unread() {
      return length - read;
    }

    void readInto(long[] target, int at) {
      System.arraycopy(ids, read, target, at, length - read);
      read = length;
    }

    void add(long token) {
      if (length == ids.length) {
        ids = Arrays.copyOf(ids, 2 * length);
      }
      ids[length++] = token;
    }

    long[] ids() {
      return Arrays.copyOf(ids, length);
    }
  }
}
