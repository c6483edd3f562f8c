package io.recant.ml.causal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.ml.data.Example;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.LimitedContext;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameters;
import io.recant.ml.safetensors.SafetensorsWriter;
import io.recant.ml.tokenizer.TextTokenizer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A decoder that continues a prompt ({@link Example#input}) with a target ({@link Example#target}).
 *
 * <p>The T positions of its batches and logits are the target's tokens only, EOS among them, so the
 * product with the vocabulary, the dearest of a small model, is never taken for a prompt. The
 * logits of target token t are read at the token before it.
 */
public final class CausalModel implements Model, LimitedContext {

  private final DecoderConfig config;
  private ObjectNode json;
  private final Decoder decoder;
  private final TextTokenizer tokenizer;
  private final CompanionFiles files;
  private final Set<Integer> ends;
  private PromptEncoder encoder;
  private final NDManager manager;
  private final Parameters parameters;
  private final Optional<LoraAdapters> adapters;
  private final Weights weights;

  /**
   * A model that computes with its parameters alone.
   *
   * @param config the shape
   * @param json the {@code config.json} it was read from, with whatever else others keep there
   * @param files what else lies with the model, and is written with it
   * @param manager owner of the parameters, on the model's device; this model closes it
   * @param parameterSource makes the parameters with that manager
   */
  CausalModel(
      DecoderConfig config,
      ObjectNode json,
      String tokenizerJson,
      CompanionFiles files,
      NDManager manager,
      Function<NDManager, Parameters> parameterSource) {
    this(config, json, tokenizerJson, files, manager, Optional.empty(), parameterSource);
  }

  /**
   * @param lora where the parameters hold adapters too, how they were made
   */
  private CausalModel(
      DecoderConfig config,
      ObjectNode json,
      String tokenizerJson,
      CompanionFiles files,
      NDManager manager,
      Optional<LoraSettings> lora,
      Function<NDManager, Parameters> parameterSource) {
    this.config = config;
    this.json = json;
    this.files = files;
    this.manager = manager;
    decoder = config.decoder();
    tokenizer = TextTokenizer.parse(tokenizerJson, ModelDirectory.TOKENIZER);
    try {
      encoder = new PromptEncoder(tokenizer, config, json, files);
      ends = ends();
      parameters = parameterSource.apply(manager);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    adapters = lora.map(settings -> new LoraAdapters(settings, decoder, parameters));
    weights = adapters.isPresent() ? adapters.get() : parameters::get;
  }

  @Override
  public Device device() {
    return manager.getDevice();
  }

  @Override
  public int vocabularySize() {
    return config.vocabularySize();
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  /** The shape of the decoder. */
  public DecoderConfig config() {
    return config;
  }

  /** How this model lays pairs out; it says what did not fit. */
  public PromptEncoder encoder() {
    return encoder;
  }

  /**
   * Puts pairs before every prompt from now on ({@link PromptEncoder}); they are saved with the
   * model, in its {@code config.json}.
   *
   * @param shots inputs and targets, in their order; none takes those away that are there
   */
  public void showShots(List<Example> shots) {
    ObjectNode shown = json.deepCopy();
    shown.remove(PromptEncoder.SHOTS_KEY);
    if (!shots.isEmpty()) {
      ArrayNode pairs = shown.putArray(PromptEncoder.SHOTS_KEY);
      shots.forEach(shot -> pairs.addArray().add(shot.input()).add(shot.target()));
    }
    json = shown;
    encoder = new PromptEncoder(tokenizer, config, json, files);
  }

  /** Whether a token ends an answer: EOS, all of them where the model's files name several. */
  public boolean isEnd(long token) {
    return ends.contains(Math.toIntExact(token));
  }

  private Set<Integer> ends() {
    Set<Integer> tokens = new HashSet<>(List.of(config.eosId(), encoder.endId()));
    tokens.addAll(new ConfigReader(json, ModelDirectory.CONFIG).tokens("eos_token_id"));
    String generation = CompanionFiles.GENERATION_CONFIG;
    tokens.addAll(
        new ConfigReader(files.json(generation), files.where(generation)).tokens("eos_token_id"));
    return Set.copyOf(tokens);
  }

  /** The tokenizer, closed with the model. */
  public TextTokenizer tokenizer() {
    return tokenizer;
  }

  @Override
  public Batch encode(List<Example> examples, NDManager scope) {
    return new BatchEncoder(encoder, config.padId()).encode(examples, scope);
  }

  /** This family has no dropout: what it learns by heart is what the unlearning is about. */
  @Override
  public NDArray logits(Batch batch, Dropout dropout) {
    return logits(batch.inputs().get(0), batch.inputs().get(1));
  }

  /**
   * {@code 4 N (K L (36 D + 9 F + 3 H L) + 5 T V)} for N examples of L tokens, T of them targets:
   * each layer keeps some tens of arrays as wide as the residual stream, some as wide as the
   * feed-forward layer and three of attention scores; each target token a few as wide as the
   * vocabulary. The numbers are rounded from a fit to measured peaks of decoders of 1 to 15 million
   * parameters on a CPU, which it met to within about a fifth; very small batches take more.
   */
  @Override
  public long passBytes(Batch batch) {
    long length = batch.inputs().get(0).getShape().get(1);
    return passBytes(config, batch.size(), length, batch.labels().getShape().get(1));
  }

  /** The same of so many examples of that length. */
  static long passBytes(DecoderConfig config, long examples, long length, long targets) {
    long token =
        36L * config.hiddenSize() + 9L * config.intermediateSize() + 3L * config.heads() * length;
    return Float.BYTES
        * examples
        * (config.layers() * length * token + 5 * targets * config.vocabularySize());
  }

  @Override
  public int cutTokens(Example example) {
    PromptEncoder.Sequence sequence = BatchEncoder.sequence(encoder, example);
    return sequence.promptCut() + sequence.targetCut();
  }

  @Override
  public int layers() {
    return decoder.layers();
  }

  /** The residual stream, at the tokens that the target's tokens are predicted from. */
  @Override
  public NDArray activations(Batch batch, int layer) {
    NDArray ids = batch.inputs().get(0);
    return rows(decoder.states(weights, ids, whole(ids), layer), batch.inputs().get(1));
  }

  /**
   * Logits at chosen positions.
   *
   * @param ids (N, L) token ids, padded on the right
   * @param positions (N, T) indices into the N L tokens, row after row
   * @return (N, T, V)
   */
  public NDArray logits(NDArray ids, NDArray positions) {
    return logits(ids, positions, whole(ids));
  }

  /** The same of tokens that stand in a context. */
  NDArray logits(NDArray ids, NDArray positions, Context context) {
    NDArray hidden = decoder.hidden(weights, ids, context);
    return decoder.logits(weights, rows(hidden, positions));
  }

  /** The adapters that this model was given, and that alone are trained. */
  public Optional<LoraAdapters> adapters() {
    return adapters;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Where there are adapters, they are written as a part of the weights they were put on.
   * Weights are float32 here; what came in bfloat16 is written in bfloat16, everything else in
   * float32.
   */
  @Override
  public void save(Path directory) {
    ObjectNode written = json.deepCopy();
    String key = written.has("dtype") ? "dtype" : "torch_dtype";
    boolean narrow = json.path(key).asText().equals("bfloat16");
    ModelDirectory.writeConfig(directory, written.put(key, narrow ? "bfloat16" : "float32"));
    Map<String, SafetensorsWriter.Source> tensors =
        adapters.map(LoraAdapters::merged).orElseGet(parameters::sources);
    if (narrow) {
      tensors.replaceAll((name, tensor) -> SafetensorsWriter.inBFloat16(tensor));
    }
    Parameters.save(directory, tensors);
    tokenizer.save(directory.resolve(ModelDirectory.TOKENIZER));
    files.write(directory);
  }

  @Override
  public Model copy() {
    return copy(false);
  }

  @Override
  public Model frozenCopy() {
    return copy(true);
  }

  @Override
  public Model untrained(long seed) {
    return new CausalModel(
        config,
        json,
        tokenizer.json(),
        files,
        Devices.manager(device()),
        owner -> RandomParameters.draw(decoder, seed, owner));
  }

  @Override
  public void close() {
    tokenizer.close();
    manager.close();
  }

  private Model copy(boolean frozen) {
    return with(adapters.map(LoraAdapters::settings), owner -> parameters.copyTo(owner, frozen));
  }

  /** This model with other parameters, adapters among them or not. */
  CausalModel with(Optional<LoraSettings> lora, Function<NDManager, Parameters> parameterSource) {
    return new CausalModel(
        config, json, tokenizer.json(), files, Devices.manager(device()), lora, parameterSource);
  }

  /** The forward pass. */
  Decoder decoder() {
    return decoder;
  }

  private static Context whole(NDArray ids) {
    return Context.whole(ids.getShape().get(1));
  }

  /** (N, L, D) to (N, T, D). */
  private NDArray rows(NDArray hidden, NDArray positions) {
    NDArray all = hidden.reshape(-1, config.hiddenSize());
    return Embedding.embedding(positions, all, SparseFormat.DENSE).singletonOrThrow();
  }
}
