import { type DynamicModule, Global, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Cache } from './cache.js';
import { Claims } from './claims.js';
import { connectRedis } from './redis.js';

/** Lets go of the connection when everything that uses it has stopped. */
@Injectable()
class RedisLifetime implements OnApplicationShutdown {
  constructor(@Inject(Redis) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}

/** Gives an app its `Cache` and its `Claims`. */
@Global()
@Module({})
export class RedisModule {
  static connect(app: string, url: string): DynamicModule {
    return {
      module: RedisModule,
      providers: [
        { provide: Redis, useFactory: () => connectRedis(url, app) },
        { provide: Cache, useFactory: (redis: Redis) => new Cache(redis, 'cache:'), inject: [Redis] },
        { provide: Claims, useFactory: (redis: Redis) => new Claims(redis, 'claim:'), inject: [Redis] },
        RedisLifetime,
      ],
      exports: [Cache, Claims],
    };
  }
}
