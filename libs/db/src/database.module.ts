import { type DynamicModule, Global, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CommandAnswers } from './command-answers.js';
import { Database } from './database.js';

/** Closes the pool when everything that uses it has stopped. */
@Injectable()
class DatabaseLifetime implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  onApplicationShutdown(): Promise<void> {
    return this.database.close();
  }
}

/** Gives an app its `Database` and its `CommandAnswers`, after checking that its role cannot pass row-level security. */
@Global()
@Module({})
export class DatabaseModule {
  static connect(app: string, url: string): DynamicModule {
    const database = {
      provide: Database,
      useFactory: async () => {
        const opened = new Database({ app, url });
        await opened.checkRole();
        return opened;
      },
    };
    const answers = { provide: CommandAnswers, useFactory: (opened: Database) => new CommandAnswers(opened, app), inject: [Database] };
    return { module: DatabaseModule, providers: [database, answers, DatabaseLifetime], exports: [Database, CommandAnswers] };
  }
}
