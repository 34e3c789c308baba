/**
 * dray pulls container images from any registry into a local store: an OCI
 * image layout that other tools read, with a database about it.
 *
 * {@linkcode pull} is the whole main job; {@linkcode RegistryClient} and
 * {@linkcode Store} are its two sides. Nothing here prints, exits or reads the
 * environment.
 *
 * @example Pull an image from a registry on this machine
 * ```ts ignore
 * import { pull, Store } from "@dray/dray";
 *
 * await using store = await Store.open("/var/lib/images");
 * const { digest, bytesDownloaded } = await pull("localhost:5000/app:1", {
 *   store,
 *   onEvent: ({ event }) => console.error(event),
 *   signal: AbortSignal.timeout(60_000),
 * });
 * console.log(digest, bytesDownloaded);
 * ```
 *
 * @example Read a reference as docker does
 * ```ts
 * import { formatReference, parseReference } from "@dray/dray";
 *
 * const reference = parseReference("alpine:3.20");
 * console.assert(
 *   formatReference(reference) === "docker.io/library/alpine:3.20",
 * );
 * ```
 *
 * @module
 */

export {
  AuthError,
  DrayError,
  type DrayErrorOptions,
  type ExitCode,
  IntegrityError,
  InterruptedError,
  LocalError,
  NotFoundError,
  OperationError,
  UnavailableError,
  UsageError,
} from "./errors.ts";
export type { BlobStatus, DrayEvent, EventListener } from "./events.ts";
export type { HistoryEntry, ImageConfig } from "./spec/config.ts";
export type { ExportFormat } from "./spec/export_format.ts";
export type { Descriptor } from "./spec/descriptor.ts";
export {
  type Digest,
  type DigestAlgorithm,
  findDigest,
  parseDigest,
} from "./spec/digest.ts";
export type {
  Document,
  ImageIndex,
  ImageManifest,
  IndexDocument,
  ManifestDocument,
} from "./spec/manifest.ts";
export {
  formatPlatform,
  type HostBuild,
  hostPlatform,
  parsePlatform,
  type Platform,
} from "./spec/platform.ts";
export {
  formatReference,
  type ImageReference,
  parseReference,
  type ParseReferenceOptions,
} from "./spec/reference.ts";
export { listPlatforms, selectManifest } from "./spec/select_manifest.ts";
export type { ByteRange } from "./io/byte_range.ts";
export { type FileGrowth, GrowingFile } from "./io/growing_file.ts";
export type { FileLock, LockOptions } from "./io/file_lock.ts";
export type {
  AuthScope,
  HttpRequest,
  HttpResponse,
  PlainHttp,
  RetryNotice,
  TlsOptions,
  Transport,
} from "./http/http_request.ts";
export type { LogEntry } from "./http/log.ts";
export type { ProxySettings } from "./http/proxy.ts";
export type { RetryOptions } from "./http/retry_policy.ts";
export { createTransport, type OwnedTransport } from "./http/transport.ts";
export type { TransportOptions } from "./http/transport_options.ts";
export type { AuthConfigSourceOptions } from "./registry/auth_config_source.ts";
export type { BlobAnswer } from "./registry/blob_answer.ts";
export type { CallHelperOptions } from "./registry/call_helper.ts";
export type { CredentialCheck } from "./registry/check_credentials.ts";
export type { Credential, CredentialSource } from "./registry/credential.ts";
export type { HelperOptions } from "./registry/credential_helper.ts";
export {
  createCredentialSource,
  type CredentialLookup,
  type CredentialOptions,
} from "./registry/credential_sources.ts";
export type { Capability, Endpoint } from "./registry/endpoint.ts";
export type { FetchBlobOptions } from "./registry/fetch_blob.ts";
export type { FetchDocumentOptions } from "./registry/fetch_document.ts";
export {
  createEndpointSource,
  type HostsOptions,
} from "./registry/hosts_folder.ts";
export type { ListTagsOptions } from "./registry/list_tags.ts";
export type { OpenBlobOptions } from "./registry/open_blob.ts";
export type { RateLimit } from "./registry/rate_limit.ts";
export type { RealmOptions } from "./registry/realm.ts";
export {
  RegistryClient,
  type RegistryClientOptions,
} from "./registry/registry_client.ts";
export type { CallOptions } from "./registry/registry_context.ts";
export type { RepositoryName } from "./registry/repository_name.ts";
export type { ObserverOptions } from "./registry/response_observer.ts";
export type {
  HelperCall,
  HelperResult,
  RunHelper,
} from "./registry/run_helper.ts";
export {
  type CredentialStoreOptions,
  eraseCredential,
  saveCredential,
  type SavedCredential,
  type StoredCredential,
} from "./registry/store_credential.ts";
export type { BlobKey } from "./store/blob_files.ts";
export type { OpenIngestOptions } from "./store/file_blobs.ts";
export type { ImageRecord, RecordedDocument } from "./store/image_record.ts";
export type { Ingest } from "./store/ingest.ts";
export type { PartialBlob } from "./store/list_partials.ts";
export type { BlobFile } from "./store/list_blobs.ts";
export type { LayerForm } from "./store/layout.ts";
export type { Leftover } from "./store/list_leftovers.ts";
export type { BlobKind, NeededBlob } from "./store/needed_blobs.ts";
export { Store, type StoreOptions } from "./store/store.ts";
export type {
  ImageSummary,
  StoredImage,
  StoredLayer,
  StoredPlatform,
} from "./store/stored_image.ts";
export type { UnpackedLayerRecord } from "./store/unpacked_layer_table.ts";
export type { StoreUpkeep } from "./store/upkeep.ts";
export type { ImageSource } from "./store/find_image.ts";
export { exportImage } from "./export/export_image.ts";
export type {
  ExportedImage,
  ExportOptions,
  ExportResult,
} from "./export/export_options.ts";
export type { ExportTarget } from "./export/write_output.ts";
export { ImageArchive, type ImportChoice } from "./import/image_archive.ts";
export { importImage } from "./import/import_image.ts";
export type {
  ArchivedImage,
  ImportedImage,
  ImportedLayer,
  ImportedPlatform,
  ImportOptions,
  OpenImportOptions,
} from "./import/import_options.ts";
export type { ImportSource } from "./import/open_image_files.ts";
export type { CheckedBlobs } from "./maintain/check_blobs.ts";
export {
  type DiskUsage,
  diskUsage,
  type DiskUsageOptions,
} from "./maintain/disk_usage.ts";
export {
  prune,
  type PruneOptions,
  type PruneResult,
} from "./maintain/prune.ts";
export type {
  RepairClient,
  RepairEngine,
  RepairOptions,
} from "./maintain/repair.ts";
export {
  verify,
  type VerifyOptions,
  type VerifyResult,
} from "./maintain/verify.ts";
export type { BlobOutcome } from "./pull/blob_outcome.ts";
export type { ConnectionPool, Lease } from "./pull/connection_pool.ts";
export type { TransferOptions } from "./pull/flight.ts";
export type {
  BlobClient,
  BlobIngest,
  BlobStore,
  DocumentOptions,
  LayerToUnpack,
  LayerUnpacker,
  PullClient,
  PullStore,
  UnpackedFolder,
} from "./pull/ports.ts";
export { pull, type PullOptions } from "./pull/pull.ts";
export type { LayerResult, PlatformResult } from "./spec/describe_platform.ts";
export type {
  PulledLayer,
  PulledPlatform,
  PullResult,
} from "./pull/pull_result.ts";
export type { RetryBudget } from "./pull/retry_budget.ts";
export {
  TransferEngine,
  type TransferEngineOptions,
} from "./pull/transfer_engine.ts";
export {
  serve,
  type ServeOptions,
  type UpstreamOptions,
} from "./serve_store.ts";
export type { Exchange } from "./serve/http/serve_connection.ts";
export type { ServerTls } from "./serve/http/listen.ts";
export type { RunningServer, ServerOptions } from "./serve/start_server.ts";
export type { StoreCatalog, StoredDocument } from "./store/store_catalog.ts";
export type { StoreSpace } from "./store/store_space.ts";
export type { UnpackedLayers } from "./store/unpacked_layers.ts";
export type { ImageFile } from "./look/image_file.ts";
export { listFiles, type ListFilesOptions } from "./look/list_files.ts";
export type { LookOptions } from "./look/look_options.ts";
export {
  type OpenLayers,
  openLayers,
  type OpenLayersOptions,
} from "./look/open_layers.ts";
export { readFile, type ReadFileOptions } from "./look/read_file.ts";
export { type FetchLayer, remoteLayers } from "./look/remote_layers.ts";
export type { ArchiveEntryType, DeviceNumbers } from "./tar/archive_entry.ts";
export type { LayerSource } from "./unpack/layer_source.ts";
export type { UnpackLimits } from "./unpack/unpack_limits.ts";
export type { ImageLayer } from "./store/image_layers.ts";
export { unpack } from "./unpack_image/unpack.ts";
export { unpackLayers } from "./unpack_image/unpack_layers.ts";
export type {
  UnpackedLayer,
  UnpackLayersOptions,
  UnpackOptions,
  UnpackResult,
  UnpackSource,
} from "./unpack_image/unpack_options.ts";
export {
  type StoredLayerFolder,
  StoreUnpacker,
  type StoreUnpackerOptions,
  type UnpackLayerOptions,
} from "./unpack_image/store_unpacker.ts";
export { unpackToStore } from "./unpack_image/unpack_to_store.ts";
