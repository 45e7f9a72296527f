import { type DynamicModule, Global, Module } from '@nestjs/common';
import { FileKeyStore } from './file-key-store.js';
import { KeyStore } from './key-store.js';

/** Gives an app the organisations' keys. */
@Global()
@Module({})
export class KeysModule {
  static open(directory: string, masterKeyFile: string): DynamicModule {
    const store = { provide: KeyStore, useFactory: () => FileKeyStore.open(directory, masterKeyFile) };
    return { module: KeysModule, providers: [store], exports: [KeyStore] };
  }
}
