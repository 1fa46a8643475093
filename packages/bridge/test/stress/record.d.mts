export function makeRecord(producer: number, sequence: number, length: number): Uint8Array
export function readRecord(bytes: Uint8Array): { producer: number; sequence: number } | undefined
