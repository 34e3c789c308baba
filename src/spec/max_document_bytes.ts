/**
 * Largest document that is read unless another limit is named, in bytes: what registries must
 * take at least (OCI distribution specification, pushing manifests).
 */
export const MAX_DOCUMENT_BYTES: number = 4 * 2 ** 20;
